package io.freshet.trainer.optim;

import java.io.Serializable;

/**
 * Config section {@code trainer.optimizer}: AdamW.
 *
 * @param beta1 decay of the first moment, 0 to below 1
 * @param beta2 decay of the second moment, 0 to below 1
 * @param epsilon added to the root of the second moment, above 0
 * @param clipNorm greatest gradient norm of backbone, DINO head and iBOT head, each on its own; 0 =
 *     no clipping
 * @param layerwiseDecay learning rate of a block over that of the next one, above 0 to 1
 * @param patchEmbedMultiplier further factor on the learning rate of the patch embedding
 */
public record OptimizerConfig(
    double beta1,
    double beta2,
    double epsilon,
    double clipNorm,
    double layerwiseDecay,
    double patchEmbedMultiplier)
    implements Serializable {

  public OptimizerConfig {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException(
          "optimizer.beta1 and beta2 must be at least 0 and below 1, not "
              + beta1
              + " and "
              + beta2);
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("optimizer.epsilon must be above 0, not " + epsilon);
    }
    if (!(clipNorm >= 0)) {
      throw new IllegalArgumentException(
          "optimizer.clip_norm must not be negative (0 = no clipping), not " + clipNorm);
    }
    if (!(layerwiseDecay > 0 && layerwiseDecay <= 1)) {
      throw new IllegalArgumentException(
          "optimizer.layerwise_decay must be above 0 and at most 1, not " + layerwiseDecay);
    }
    if (!(patchEmbedMultiplier >= 0)) {
      throw new IllegalArgumentException(
          "optimizer.patch_embed_multiplier must not be negative, not " + patchEmbedMultiplier);
    }
  }

  /**
   * What a module's gradients are multiplied with so that their norm does not exceed the limit,
   * torch's clip_grad_norm_: 1 below it.
   */
  public double clipCoefficient(double norm) {
    return clipNorm == 0 ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
  }
}
