package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.ReferenceRun;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole step against the original's, and ten of them in a row. */
class TrainStepGoldenTest {

  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final String AREA = "trainstep";

  static Stream<String> runs() {
    return Goldens.cases(AREA, ".init.npz").stream();
  }

  private static TrainerState begin(String name) {
    Npz init = Goldens.npz(AREA, name + ".init.npz");
    TrainingConfig config = ReferenceRun.config(name);
    return TrainerState.begin(
        SCRIPTS.runtime().newManager(),
        ReferenceRun.parameters(init, "student/"),
        ReferenceRun.parameters(init, "teacher/"),
        config.losses().dino().head().prototypes(),
        config.losses().patchPrototypes());
  }

  private static TrainingStep step(String name, TrainerState state) {
    return new TrainingStep(ReferenceRun.config(name), SCRIPTS, state);
  }

  private static TrainingBatch batch() {
    Npz batch = Goldens.npz(AREA, "batch.npz");
    return ReferenceRun.batch(batch, ReferenceRun.masks(batch.get("collated_masks")));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void gradientsEqualTheReference(String name) {
    Npz expected = Goldens.npz(AREA, name + ".step.npz");
    try (TrainerState state = begin(name)) {
      StepExpectations.checkGradients(
          expected.under("grad/"),
          step(name, state)
              .gradients(batch(), ReferenceRun.settings(expected, 0), new SplittableRandom(1)));
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void oneStepEqualsTheReference(String name) {
    Npz expected = Goldens.npz(AREA, name + ".step.npz");
    try (TrainerState state = begin(name)) {
      StepResult result =
          step(name, state)
              .run(batch(), ReferenceRun.settings(expected, 0), new SplittableRandom(1));
      StepExpectations.checkLosses(name, expected, 0, result, 1e-5);
      StepSnapshot after = state.snapshot();
      StepExpectations.checkParameters(expected.under("student_after/"), "student.", after);
      StepExpectations.checkParameters(expected.under("teacher_after/"), "teacher.", after);
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void tenStepsEqualTheReference(String name) {
    Npz expected = Goldens.npz(AREA, name + ".traj10.npz");
    TrainingConfig config = ReferenceRun.config(name);
    TrainingSchedules schedules = TrainingSchedules.of(config.schedule(), config.batchImages());
    try (TrainerState state = begin(name)) {
      TrainingStep step = step(name, state);
      int steps = expected.get("total").size();
      for (int i = 0; i < steps; i++) {
        StepSettings settings = schedules.at(state.step());
        checkSettings(name + " step " + i, ReferenceRun.settings(expected, i), settings);
        StepResult result = step.run(batch(), settings, new SplittableRandom(i));
        StepExpectations.checkLosses(name + " step " + i, expected, i, result, 1e-4);
      }
      StepSnapshot after = state.snapshot();
      assertEquals(steps, after.step());
      assertEquals((long) steps * config.batchImages(), after.imagesSeen());
      StepExpectations.checkParameters(expected.under("student_final/"), "student.", after);
      StepExpectations.checkParameters(expected.under("teacher_final/"), "teacher.", after);
    }
  }

  private static void checkSettings(String what, StepSettings expected, StepSettings actual) {
    Close close = Close.within(1e-12, 0);
    close.check(what, expected.learningRate(), actual.learningRate());
    close.check(what, expected.lastLayerLearningRate(), actual.lastLayerLearningRate());
    close.check(what, expected.weightDecay(), actual.weightDecay());
    close.check(what, expected.momentum(), actual.momentum());
    close.check(what, expected.teacherTemperature(), actual.teacherTemperature());
  }
}
