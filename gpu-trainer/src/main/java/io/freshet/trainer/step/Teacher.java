package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import io.freshet.vision.model.VisionTransformerConfig;
import java.util.Map;

/** Whose targets the student learns. */
public sealed interface Teacher {

  /**
   * The moving average of the student itself, which sees whole crops where the student sees masked
   * ones: self-supervised training.
   */
  record MovingAverage() implements Teacher {}

  /**
   * A larger model that does not change, with its own heads: distillation. The student sees whole
   * crops and drops no paths; its moving average is kept aside as the model to use. Batches take
   * {@link io.freshet.trainer.masking.TokenMasks#all} for the loss over all patches.
   *
   * @param model architecture of the backbone
   * @param parameters backbone.*, dino_head.*, ibot_head.* without gradients, with as many
   *     prototypes as the student; owned by the caller
   */
  record Frozen(VisionTransformerConfig model, Map<String, NDArray> parameters)
      implements Teacher {}
}
