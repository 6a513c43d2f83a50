package io.freshet.trainer.loss;

import io.freshet.trainer.masking.MaskSampling;
import java.io.Serializable;

/**
 * The loss of guessing hidden patches.
 *
 * @param weight factor in the total; 0 leaves the loss out
 * @param separateHead whether patches have a head of their own; else they use the DINO head
 * @param head of the patch tokens, if separate
 * @param masks which patches are hidden
 */
public record IbotConfig(double weight, boolean separateHead, HeadConfig head, MaskSampling masks)
    implements Serializable {

  public IbotConfig {
    if (!(weight >= 0)) {
      throw new IllegalArgumentException("ibot.weight must not be negative, not " + weight);
    }
  }
}
