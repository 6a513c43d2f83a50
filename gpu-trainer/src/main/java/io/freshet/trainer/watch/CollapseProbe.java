package io.freshet.trainer.watch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.step.ModelParts;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.Arrays;
import java.util.Map;

/**
 * Shows the probe to the teacher: one forward pass without gradients. Owned by the training thread.
 */
public final class CollapseProbe {
  private final TrainingConfig recipe;
  private final TorchScriptLibrary library;

  /**
   * @param library the trainer's scripts; stays the caller's
   */
  public CollapseProbe(TrainingConfig recipe, TorchScriptLibrary library) {
    this.recipe = recipe;
    this.library = library;
  }

  /**
   * Reads off what the state's teacher makes of the probe.
   *
   * @param teacherTemperature of the targets
   */
  public ProbeReading read(TrainerState state, Probe probe, double teacherTemperature) {
    return read(ModelParts.of(state.teacher()), state.centers().get(0), probe, teacherTemperature);
  }

  /**
   * Reads off what a teacher makes of the probe.
   *
   * @param dinoCenter of the class targets, {@code (1, K)}
   * @param teacherTemperature of the targets
   */
  public ProbeReading read(
      ModelParts teacher, NDArray dinoCenter, Probe probe, double teacherTemperature) {
    VisionTransformerConfig backbone = recipe.backbone();
    LossConfig losses = recipe.losses();
    try (NDManager scope = library.runtime().newManager()) {
      Map<String, NDArray> measures =
          library
              .call(
                  scope,
                  GradMode.NO_GRAD,
                  "collapse_probe",
                  TorchValue.tensor(Tensors.of(scope, probe.pixels(), probe.shape())),
                  TorchValue.dict(teacher.backbone()),
                  TorchValue.dict(teacher.heads()),
                  TorchValue.tensor(dinoCenter),
                  TorchValue.integer(backbone.heads()),
                  TorchValue.real(backbone.interpolateOffset()),
                  TorchValue.flag(backbone.interpolateAntialias()),
                  TorchValue.flag(losses.centering() == Centering.SINKHORN_KNOPP),
                  TorchValue.integer(losses.sinkhornIterations()),
                  TorchValue.real(teacherTemperature))
              .dict();
      return new ProbeReading(
          measures.get("embedding_std").getFloat(),
          measures.get("rankme").getFloat(),
          measures.get("cls_patch_cosine").getFloat(),
          measures.get("probe_target_entropy").getFloat(),
          measures.get("probe_mean_target_entropy").getFloat(),
          Arrays.stream(measures.get("prototypes").toLongArray())
              .mapToObj(Math::toIntExact)
              .toList(),
          losses.dino().head().prototypes());
    }
  }
}
