package io.freshet.trainer.branch;

import io.freshet.trainer.step.TrainingConfig;
import java.io.Serializable;

/**
 * Section {@code trainer.release.high_resolution}: a last phase on larger crops, after which the
 * position embedding has the larger grid.
 *
 * @param steps of the phase; 0 = none
 * @param globalSize side of its global crops in pixels, a multiple of the patch size
 * @param localSize side of its local crops in pixels, a multiple of the patch size
 * @param learningRateFactor its peak learning rate over the recipe's, above 0
 */
public record HighResolutionConfig(
    long steps, int globalSize, int localSize, double learningRateFactor) implements Serializable {
  public HighResolutionConfig {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "trainer.release.high_resolution.steps is " + steps + "; write 0 for none, or a count");
    }
    if (!(learningRateFactor > 0 && learningRateFactor < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "trainer.release.high_resolution.learning_rate_factor is %s; it must be above 0"
              .formatted(learningRateFactor));
    }
  }

  /**
   * The recipe of the phase.
   *
   * @param stepsBehind steps of the run that it branches off
   * @throws IllegalArgumentException when patches do not fill the crops
   */
  public TrainingConfig recipe(TrainingConfig trunk, long stepsBehind) {
    requireMultiple("global_size", globalSize, trunk.model().patchSize());
    requireMultiple("local_size", localSize, trunk.model().patchSize());
    return new TrainingConfig(
        trunk.batchImages(),
        trunk.model(),
        trunk.crops().withSizes(globalSize, localSize),
        trunk.augmentation(),
        trunk.losses(),
        trunk.optimizer(),
        trunk.schedule().compressed(stepsBehind, steps, learningRateFactor));
  }

  private static void requireMultiple(String key, int pixels, int patch) {
    if (pixels < patch || pixels % patch != 0) {
      int below = Math.max(1, pixels / patch) * patch;
      throw new IllegalArgumentException(
          "trainer.release.high_resolution.%s is %d; with trainer.recipe.model.patch_size %d write %d or %d"
              .formatted(key, pixels, patch, below, below + patch));
    }
  }
}
