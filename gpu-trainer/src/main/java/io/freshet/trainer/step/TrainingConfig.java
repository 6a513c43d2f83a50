package io.freshet.trainer.step;

import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.transform.MultiCropConfig;
import java.io.Serializable;

/**
 * Config section {@code trainer.recipe}: what is trained and how. The defaults are those published
 * with DINOv2; where each comes from stands beside it in the defaults file.
 *
 * @param batchImages images of a step
 * @param model architecture of the backbone
 * @param crops views of each image
 * @param augmentation what is done to the views
 * @param losses heads, targets and losses
 * @param optimizer AdamW
 * @param schedule learning rates, weight decay, momentum and temperature over time
 */
public record TrainingConfig(
    int batchImages,
    ModelConfig model,
    CropsConfig crops,
    AugmentationConfig augmentation,
    LossConfig losses,
    OptimizerConfig optimizer,
    ScheduleConfig schedule)
    implements Serializable {

  public TrainingConfig {
    if (batchImages < 2) {
      throw new IllegalArgumentException(
          "recipe.batch_images must be at least 2, since losses compare images, not "
              + batchImages);
    }
    requireMultiple("global_size", crops.globalSize(), model.patchSize());
    requireMultiple("local_size", crops.localSize(), model.patchSize());
    model.backbone(crops.globalSize());
    augmentation.of(crops);
  }

  private static void requireMultiple(String key, int pixels, int patchSize) {
    if (pixels % patchSize != 0) {
      throw new IllegalArgumentException(
          "recipe.crops.%s (%d) must be a multiple of recipe.model.patch_size (%d)"
              .formatted(key, pixels, patchSize));
    }
  }

  /** The backbone, its position embedding learned at the size of the global crops. */
  public VisionTransformerConfig backbone() {
    return model.backbone(crops.globalSize());
  }

  /** How an image becomes views, from the cut to the normalised pixels. */
  public MultiCropConfig multiCrop() {
    return augmentation.of(crops);
  }

  /** Patches along each side of a global crop. */
  public int globalGrid() {
    return crops.globalSize() / model.patchSize();
  }
}
