package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.optim.ParameterGroups;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.vision.model.StochasticDepth;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * One step of DINOv2: the teacher looks at whole global crops, the student at masked global and at
 * local crops; the gradients of the DINO, iBOT and KoLeo losses are clipped module by module, AdamW
 * moves the student, and its moving average follows.
 *
 * <p>When a pixel, a loss or a gradient is not finite the step changes nothing but the step count:
 * no parameter, moment, average or centre.
 *
 * <p>Equal states, batches, settings and random numbers give equal bits on a CPU with the same
 * number of threads. Native memory does not grow from step to step. Not thread-safe: owned by the
 * training thread, like the state.
 */
public final class TrainingStep {

  /** Who differentiates blocks and heads; the gradients are the same. */
  enum Derivatives {
    /** Scripts, with products that autograd does not know: faster on a CPU. */
    WRITTEN_OUT,
    /** Autograd, with fused attention: for a GPU. */
    RECORDED
  }

  private final TrainingConfig config;
  private final TorchScriptLibrary library;
  private final TrainerState state;
  private final Derivatives derivatives;
  private final ModelParts studentParts;
  private final ModelParts teacherParts;
  private final ParameterGroups groups;
  private final StudentUpdate update;

  /**
   * @param library the trainer's scripts; closed by the caller after the last step
   * @param state what the steps work on; closed by the caller after the last step
   */
  public TrainingStep(TrainingConfig config, TorchScriptLibrary library, TrainerState state) {
    this(
        config,
        library,
        state,
        library.runtime().device().isGpu() ? Derivatives.RECORDED : Derivatives.WRITTEN_OUT);
  }

  TrainingStep(
      TrainingConfig config,
      TorchScriptLibrary library,
      TrainerState state,
      Derivatives derivatives) {
    this.derivatives = derivatives;
    this.config = config;
    this.library = library;
    this.state = state;
    this.studentParts = ModelParts.of(state.student());
    this.teacherParts = ModelParts.of(state.teacher());
    this.groups =
        ParameterGroups.of(state.student().keySet(), config.model().depth(), config.optimizer());
    this.update = new StudentUpdate(library, config.optimizer(), groups, state);
  }

  /** The state that the steps work on. */
  public TrainerState state() {
    return state;
  }

  /**
   * Runs the step that the state is at and moves it to the next.
   *
   * @param random decides which samples drop which paths
   */
  public StepResult run(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    try (NDManager scope = library.runtime().newManager();
        NDScope rest = new NDScope()) {
      rest.suppressNotUsedWarning();
      StepOutcome outcome = forwardAndBackward(scope, batch, settings, random);
      return batch.nonFiniteImages().isEmpty() && outcome.isFinite()
          ? update.apply(scope, outcome, batch.images(), settings)
          : update.skip(outcome, settings);
    }
  }

  /** The gradients before clipping by parameter, without an update. */
  Map<String, float[]> gradients(
      TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    try (NDManager scope = library.runtime().newManager()) {
      return forwardAndBackward(scope, batch, settings, random).gradients(groups.names());
    }
  }

  private StepOutcome forwardAndBackward(
      NDManager scope, TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    List<TorchValue> results =
        library
            .call(
                scope,
                GradMode.ENABLE_GRAD,
                "training_step",
                arguments(scope, batch, settings, random))
            .items();
    Map<String, NDArray> report = results.get(0).dict();
    return StepOutcome.of(
        report,
        groups.moduleNorms(report.get("grad_norms").toFloatArray()),
        results.get(1).tensors(),
        List.of(report.get("dino_center"), report.get("ibot_center")));
  }

  private TorchValue[] arguments(
      NDManager scope, TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    LossConfig losses = config.losses();
    VisionTransformerConfig backbone = config.backbone();
    float[] weights = batch.masks().weights();
    long[] patches = batch.masks().indices();
    return new TorchValue[] {
      TorchValue.dict(studentParts.backbone()),
      TorchValue.dict(studentParts.heads()),
      TorchValue.text(String.join("\n", groups.names())),
      TorchValue.dict(teacherParts.backbone()),
      TorchValue.dict(teacherParts.heads()),
      TorchValue.tensor(Tensors.of(scope, batch.globals(), batch.globalShape())),
      TorchValue.tensor(Tensors.of(scope, batch.locals(), batch.localShape())),
      TorchValue.tensor(
          Tensors.of(
              scope, batch.masks().masked(), batch.masks().crops(), batch.masks().patches())),
      TorchValue.tensor(Tensors.of(scope, patches, patches.length)),
      TorchValue.tensor(Tensors.of(scope, weights, weights.length)),
      TorchValue.tensors(keptPaths(scope, batch, random)),
      TorchValue.tensors(state.centers()),
      TorchValue.integer(backbone.heads()),
      TorchValue.real(backbone.interpolateOffset()),
      TorchValue.flag(backbone.interpolateAntialias()),
      TorchValue.flag(losses.ibot().separateHead()),
      TorchValue.flag(losses.centering() == Centering.SINKHORN_KNOPP),
      TorchValue.integer(losses.sinkhornIterations()),
      TorchValue.real(losses.centerMomentum()),
      TorchValue.real(settings.teacherTemperature()),
      TorchValue.real(losses.studentTemperature()),
      TorchValue.real(losses.dino().weight()),
      TorchValue.real(losses.koleoWeight()),
      TorchValue.real(losses.ibot().weight()),
      TorchValue.flag(derivatives == Derivatives.WRITTEN_OUT)
    };
  }

  /** Which samples keep their residuals, drawn here so that a step can be repeated. */
  private List<NDArray> keptPaths(NDManager scope, TrainingBatch batch, RandomGenerator random) {
    double[] rates = StochasticDepth.uniform(config.model().dropPath(), config.model().depth());
    int globals = TrainingBatch.GLOBAL_CROPS * batch.images();
    int locals = batch.localCrops() * batch.images();
    int[] batches = locals == 0 ? new int[] {globals} : new int[] {globals, locals};
    return StochasticDepth.draw(random, rates, batches).stream()
        .map(kept -> Tensors.of(scope, kept, kept.length))
        .toList();
  }
}
