package io.freshet.trainer.branch;

import io.freshet.trainer.step.ModelConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import java.io.Serializable;

/**
 * An entry of {@code trainer.release.distillation.students}. Patch size, registers and LayerScale
 * are those of the teacher; no paths are dropped.
 *
 * @param model its name in the registry
 * @param embedDim width of a token
 * @param depth number of blocks
 * @param heads attention heads
 * @param ffn kind of feed-forward layer
 */
public record StudentConfig(String model, int embedDim, int depth, int heads, Ffn ffn)
    implements Serializable {
  public StudentConfig {
    if (model.isBlank()) {
      throw new IllegalArgumentException(
          "trainer.release.distillation.students has an entry without model; name it");
    }
  }

  /**
   * The recipe that distils this student.
   *
   * @param teacher the recipe of the teacher, whose heads and losses are the student's too
   * @param stepsBehind steps of the run that the branch leaves
   */
  TrainingConfig recipe(TrainingConfig teacher, DistillationConfig phase, long stepsBehind) {
    ModelConfig model = teacher.model();
    return new TrainingConfig(
        teacher.batchImages(),
        new ModelConfig(
            model.patchSize(),
            embedDim,
            depth,
            heads,
            ffn,
            model.registers(),
            model.layerScale(),
            0),
        teacher.crops(),
        teacher.augmentation(),
        teacher.losses(),
        teacher.optimizer(),
        teacher.schedule().compressed(stepsBehind, phase.steps(), phase.learningRateFactor()));
  }
}
