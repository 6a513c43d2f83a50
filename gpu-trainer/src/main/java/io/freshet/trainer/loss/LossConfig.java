package io.freshet.trainer.loss;

import java.io.Serializable;

/**
 * Config section {@code trainer.recipe.losses}.
 *
 * @param centering how teacher logits become targets
 * @param sinkhornIterations turns of Sinkhorn-Knopp
 * @param centerMomentum share of the old centre in the new one, for softmax centering
 * @param studentTemperature divides the student's logits
 * @param koleoWeight factor of the KoLeo loss of each global crop; 0 leaves it out
 * @param dino class tokens
 * @param ibot hidden patches
 */
public record LossConfig(
    Centering centering,
    int sinkhornIterations,
    double centerMomentum,
    double studentTemperature,
    double koleoWeight,
    DinoConfig dino,
    IbotConfig ibot)
    implements Serializable {

  public LossConfig {
    if (sinkhornIterations < 1) {
      throw new IllegalArgumentException(
          "losses.sinkhorn_iterations must be at least 1, not " + sinkhornIterations);
    }
    if (!(centerMomentum >= 0 && centerMomentum <= 1)) {
      throw new IllegalArgumentException(
          "losses.center_momentum must be within 0 and 1, not " + centerMomentum);
    }
    if (!(studentTemperature > 0)) {
      throw new IllegalArgumentException(
          "losses.student_temperature must be above 0, not " + studentTemperature);
    }
    if (!(koleoWeight >= 0)) {
      throw new IllegalArgumentException(
          "losses.koleo_weight must not be negative, not " + koleoWeight);
    }
  }

  /** The prototypes that patch tokens are compared with. */
  public int patchPrototypes() {
    return ibot.separateHead() ? ibot.head().prototypes() : dino.head().prototypes();
  }
}
