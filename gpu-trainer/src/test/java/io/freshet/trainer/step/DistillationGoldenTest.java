package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.testing.ReferenceRun;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Distillation from a frozen teacher against the original's classes put together for it. */
class DistillationGoldenTest {

  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final String AREA = "distill";
  private static final ScheduleConfig UNUSED =
      new ScheduleConfig(
          ScheduleConfig.Shape.CONSTANT,
          0,
          1e-3,
          ScheduleConfig.Scaling.NONE,
          0,
          0,
          0,
          0,
          0,
          0.99,
          1,
          0.04,
          0.07,
          0);

  private final Npz init = Goldens.npz(AREA, "init.npz");
  private final Npz batch = Goldens.npz(AREA, "batch.npz");
  private final TrainingConfig config =
      ReferenceRun.config(init, batch, Centering.SINKHORN_KNOPP, true, 0.1, 3.0, UNUSED);
  private final NDManager manager = SCRIPTS.runtime().newManager();

  static Stream<String> runs() {
    return Goldens.cases(AREA, ".step.npz").stream();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** The moving average starts equal to the student. */
  private TrainerState begin() {
    return TrainerState.begin(
        SCRIPTS.runtime().newManager(),
        ReferenceRun.parameters(init, "student/"),
        ReferenceRun.parameters(init, "student/"),
        config.losses().dino().head().prototypes(),
        config.losses().patchPrototypes());
  }

  private TrainingStep step(TrainerState state) {
    Map<String, NDArray> teacher = new LinkedHashMap<>();
    init.under("teacher/")
        .forEach(
            (name, array) -> teacher.put(name, Tensors.of(manager, array.floats(), array.dims())));
    Teacher.Frozen frozen =
        new Teacher.Frozen(
            ReferenceRun.model(init, "teacher/").backbone(config.crops().globalSize()), teacher);
    return new TrainingStep(config, SCRIPTS, state, frozen);
  }

  private TrainingBatch batch(String name) {
    TokenMasks masks =
        name.startsWith("ibot_subset")
            ? ReferenceRun.masks(batch.get("subset_masks"))
            : TokenMasks.all(2 * config.batchImages(), config.globalGrid() * config.globalGrid());
    return ReferenceRun.batch(batch, masks);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void oneStepEqualsTheReference(String name) {
    Npz expected = Goldens.npz(AREA, name + ".step.npz");
    try (TrainerState state = begin()) {
      TrainingStep step = step(state);
      StepExpectations.checkGradients(
          expected.under("grad/"),
          step.gradients(batch(name), ReferenceRun.settings(expected, 0), new SplittableRandom(1)));
      StepResult result =
          step.run(batch(name), ReferenceRun.settings(expected, 0), new SplittableRandom(1));
      StepExpectations.checkLosses(name, expected, 0, result, 1e-5);
      StepSnapshot after = state.snapshot();
      StepExpectations.checkParameters(expected.under("student_after/"), "student.", after);
      StepExpectations.checkParameters(expected.under("ema_after/"), "teacher.", after);
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void manyStepsEqualTheReference(String name) {
    Npz expected = Goldens.npz(AREA, name + ".traj10.npz");
    try (TrainerState state = begin()) {
      TrainingStep step = step(state);
      for (int i = 0; i < expected.get("total").size(); i++) {
        StepResult result =
            step.run(batch(name), ReferenceRun.settings(expected, i), new SplittableRandom(i));
        StepExpectations.checkLosses(name + " step " + i, expected, i, result, 1e-4);
      }
      StepSnapshot after = state.snapshot();
      StepExpectations.checkParameters(expected.under("student_final/"), "student.", after);
      StepExpectations.checkParameters(expected.under("ema_final/"), "teacher.", after);
    }
  }
}
