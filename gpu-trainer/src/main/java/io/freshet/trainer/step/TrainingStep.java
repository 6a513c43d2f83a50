package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.optim.ParameterGroup;
import io.freshet.trainer.optim.ParameterGroups;
import io.freshet.trainer.optim.ParameterRole;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.vision.model.StochasticDepth;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * One step of DINOv2: the teacher looks at whole global crops, the student at masked global and at
 * local crops; the gradients of the DINO, iBOT and KoLeo losses are clipped module by module, AdamW
 * moves the student, and its moving average follows.
 *
 * <p>When a loss or a gradient is not finite the step changes nothing but the step count: no
 * parameter, moment, average or centre.
 *
 * <p>Equal states, batches, settings and random numbers give equal bits on a CPU with the same
 * number of threads. Native memory does not grow from step to step. Not thread-safe: owned by the
 * training thread, like the state.
 */
public final class TrainingStep {

  private static final List<String> LOSSES = List.of("dino_local", "dino_global", "koleo", "ibot");
  private static final List<String> TARGETS = List.of("target_entropy", "mean_target_entropy");

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
  private final Teacher teacher;
  private final Derivatives derivatives;
  private final VisionTransformerConfig teacherModel;
  private final ModelParts studentParts;
  private final ModelParts teacherParts;
  private final ParameterGroups groups;

  /**
   * @param library the trainer's scripts; closed by the caller after the last step
   * @param state what the steps work on; closed by the caller after the last step
   */
  public TrainingStep(
      TrainingConfig config, TorchScriptLibrary library, TrainerState state, Teacher teacher) {
    this(
        config,
        library,
        state,
        teacher,
        library.runtime().device().isGpu() ? Derivatives.RECORDED : Derivatives.WRITTEN_OUT);
  }

  TrainingStep(
      TrainingConfig config,
      TorchScriptLibrary library,
      TrainerState state,
      Teacher teacher,
      Derivatives derivatives) {
    this.derivatives = derivatives;
    this.config = config;
    this.library = library;
    this.state = state;
    this.teacher = teacher;
    List<String> trainable = new ArrayList<>(state.student().keySet());
    if (teacher instanceof Teacher.Frozen) {
      // Whole crops only: nothing leads from the losses to the mask token.
      trainable.remove("backbone.mask_token");
    }
    this.studentParts = ModelParts.of(state.student());
    if (teacher instanceof Teacher.Frozen frozen) {
      this.teacherModel = frozen.model();
      this.teacherParts = ModelParts.of(frozen.parameters());
    } else {
      this.teacherModel = config.backbone();
      this.teacherParts = ModelParts.of(state.teacher());
    }
    this.groups = ParameterGroups.of(trainable, config.model().depth(), config.optimizer());
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
      Pass pass = forwardAndBackward(scope, batch, settings, random);
      boolean finite = pass.isFinite();
      if (finite) {
        update(scope, pass, settings);
      }
      long step = state.step();
      state.advance(finite ? batch.images() : 0);
      return new StepResult(
          step, state.imagesSeen(), pass.losses(), pass.norms(), pass.targets(), settings, !finite);
    }
  }

  /** The gradients before clipping by parameter, without an update. */
  Map<String, float[]> gradients(
      TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    try (NDManager scope = library.runtime().newManager()) {
      Pass pass = forwardAndBackward(scope, batch, settings, random);
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (int i = 0; i < groups.names().size(); i++) {
        gradients.put(groups.names().get(i), pass.gradients().get(i).toFloatArray());
      }
      return gradients;
    }
  }

  /** What forward and backward of a step gave: numbers on the heap, tensors of the step's scope. */
  private record Pass(
      Map<String, Double> losses,
      Map<String, Double> norms,
      Map<String, Double> targets,
      List<NDArray> gradients,
      List<NDArray> centers) {

    boolean isFinite() {
      return Double.isFinite(losses.get("total"))
          && norms.values().stream().allMatch(Double::isFinite);
    }
  }

  private Pass forwardAndBackward(
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
    Map<String, Double> targets = new LinkedHashMap<>();
    TARGETS.forEach(name -> targets.put(name, (double) report.get(name).getFloat()));
    return new Pass(
        losses(report.get("losses").toFloatArray()),
        groups.moduleNorms(report.get("grad_norms").toFloatArray()),
        targets,
        results.get(1).tensors(),
        List.of(report.get("dino_center"), report.get("ibot_center")));
  }

  private static Map<String, Double> losses(float[] terms) {
    Map<String, Double> losses = new LinkedHashMap<>();
    double total = 0;
    for (int i = 0; i < terms.length; i++) {
      losses.put(LOSSES.get(i), (double) terms[i]);
      total += terms[i];
    }
    losses.put("total", total);
    return losses;
  }

  private TorchValue[] arguments(
      NDManager scope, TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    LossConfig losses = config.losses();
    boolean selfSupervised = teacher instanceof Teacher.MovingAverage;
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
      TorchValue.integer(teacherModel.heads()),
      TorchValue.real(backbone.interpolateOffset()),
      TorchValue.flag(backbone.interpolateAntialias()),
      TorchValue.flag(selfSupervised),
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
    double rate = teacher instanceof Teacher.MovingAverage ? config.model().dropPath() : 0;
    double[] rates = StochasticDepth.uniform(rate, config.model().depth());
    int globals = TrainingBatch.GLOBAL_CROPS * batch.images();
    int locals = batch.localCrops() * batch.images();
    int[] batches = locals == 0 ? new int[] {globals} : new int[] {globals, locals};
    return StochasticDepth.draw(random, rates, batches).stream()
        .map(kept -> Tensors.of(scope, kept, kept.length))
        .toList();
  }

  private void update(NDManager scope, Pass pass, StepSettings settings) {
    OptimizerConfig optimizer = config.optimizer();
    call(scope, "count_update", TorchValue.tensor(state.updates()));
    int at = 0;
    for (ParameterGroup group : groups.groups()) {
      List<String> names = group.names();
      ParameterRole role = group.role();
      call(
          scope,
          "adamw",
          TorchValue.tensors(state.student(names)),
          TorchValue.tensors(pass.gradients().subList(at, at + names.size())),
          TorchValue.tensors(state.expAvg(names)),
          TorchValue.tensors(state.expAvgSq(names)),
          TorchValue.tensor(state.updates()),
          TorchValue.real(optimizer.clipCoefficient(pass.norms().get(role.module()))),
          TorchValue.real(role.learningRate(settings)),
          TorchValue.real(role.weightDecay(settings)),
          TorchValue.real(optimizer.beta1()),
          TorchValue.real(optimizer.beta2()),
          TorchValue.real(optimizer.epsilon()));
      at += names.size();
    }
    call(
        scope,
        "follow",
        TorchValue.tensors(List.copyOf(state.teacher().values())),
        TorchValue.tensors(List.copyOf(state.student().values())),
        TorchValue.real(settings.momentum()));
    call(scope, "assign", TorchValue.tensors(state.centers()), TorchValue.tensors(pass.centers()));
  }

  private void call(NDManager scope, String method, TorchValue... arguments) {
    library.call(scope, GradMode.NO_GRAD, method, arguments);
  }
}
