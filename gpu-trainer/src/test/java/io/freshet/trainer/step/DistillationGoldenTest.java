package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.testing.ReferenceRun;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
  private final FrozenTeacher teacher = teacher();
  private final List<TrainerState> states = new ArrayList<>();

  /** Who learns from one look of the teacher; the reference's student is the last. */
  private enum Lesson {
    ALONE,
    WITH_ITS_EQUAL,
    WITH_A_SMALLER_ONE;

    int students() {
      return this == ALONE ? 1 : 2;
    }

    int reference() {
      return students() - 1;
    }
  }

  static List<String> runs() {
    return Goldens.cases(AREA, ".step.npz");
  }

  static Stream<Arguments> lessons() {
    return runs().stream()
        .flatMap(run -> Stream.of(Lesson.values()).map(lesson -> Arguments.of(run, lesson)));
  }

  @AfterEach
  void close() {
    teacher.close();
    states.forEach(TrainerState::close);
  }

  private FrozenTeacher teacher() {
    Map<String, StateTensor> parameters = ReferenceRun.parameters(init, "teacher/");
    return new FrozenTeacher(
        SCRIPTS,
        config.losses(),
        ReferenceRun.model(init, "teacher/").backbone(config.crops().globalSize()),
        StepSnapshot.begin(
            0,
            parameters,
            parameters,
            center(config.losses().dino().head().prototypes()),
            center(config.losses().patchPrototypes())));
  }

  private static StateTensor center(int prototypes) {
    return StateTensor.of(new float[prototypes], 1, prototypes);
  }

  /** A step whose students are {@link #states}. */
  private DistillationStep begin(Lesson lesson) {
    List<DistillationStep.Student> students = new ArrayList<>();
    switch (lesson) {
      case ALONE -> {}
      case WITH_ITS_EQUAL -> students.add(reference());
      case WITH_A_SMALLER_ONE -> students.add(smaller());
    }
    students.add(reference());
    students.forEach(student -> states.add(student.state()));
    return new DistillationStep(SCRIPTS, teacher, students);
  }

  /** The moving average starts equal to the student. */
  private DistillationStep.Student reference() {
    Map<String, StateTensor> parameters = ReferenceRun.parameters(init, "student/");
    return new DistillationStep.Student(
        config,
        TrainerState.begin(
            SCRIPTS.runtime().newManager(),
            parameters,
            parameters,
            config.losses().dino().head().prototypes(),
            config.losses().patchPrototypes()));
  }

  private DistillationStep.Student smaller() {
    ModelConfig model = config.model();
    TrainingConfig smaller =
        new TrainingConfig(
            config.batchImages(),
            new ModelConfig(model.patchSize(), model.embedDim() / 2, 1, 2, model.ffn(), 0, 1.0, 0),
            config.crops(),
            config.augmentation(),
            config.losses(),
            config.optimizer(),
            config.schedule());
    return new DistillationStep.Student(
        smaller, TrainerState.begin(SCRIPTS.runtime().newManager(), smaller, 3));
  }

  private TrainingBatch batch(String name) {
    TokenMasks masks =
        name.startsWith("ibot_subset")
            ? ReferenceRun.masks(batch.get("subset_masks"))
            : TokenMasks.all(2 * config.batchImages(), config.globalGrid() * config.globalGrid());
    return ReferenceRun.batch(batch, masks);
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void oneStepEqualsTheReference(String name, Lesson lesson) {
    Npz expected = Goldens.npz(AREA, name + ".step.npz");
    DistillationStep step = begin(lesson);
    StepExpectations.checkGradients(
        expected.under("grad/"),
        step.gradients(lesson.reference(), batch(name), ReferenceRun.settings(expected, 0)));
    List<StepResult> results = step.run(batch(name), ReferenceRun.settings(expected, 0));
    assertEquals(lesson.students(), results.size());
    StepExpectations.checkLosses(name, expected, 0, results.get(lesson.reference()), 1e-5);
    StepSnapshot after = states.get(lesson.reference()).snapshot();
    StepExpectations.checkParameters(expected.under("student_after/"), "student.", after);
    StepExpectations.checkParameters(expected.under("ema_after/"), "teacher.", after);
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void manyStepsEqualTheReference(String name, Lesson lesson) {
    Npz expected = Goldens.npz(AREA, name + ".traj10.npz");
    DistillationStep step = begin(lesson);
    for (int i = 0; i < expected.get("total").size(); i++) {
      List<StepResult> results = step.run(batch(name), ReferenceRun.settings(expected, i));
      StepExpectations.checkLosses(
          name + " step " + i, expected, i, results.get(lesson.reference()), 1e-4);
    }
    StepSnapshot after = states.get(lesson.reference()).snapshot();
    StepExpectations.checkParameters(expected.under("student_final/"), "student.", after);
    StepExpectations.checkParameters(expected.under("ema_final/"), "teacher.", after);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void studentsTaughtTogetherHaveTheBitsOfTheOneTaughtAlone(String name) {
    List<StepResult> alone = train(name, Lesson.ALONE);
    Map<String, StateTensor> end = states.get(0).snapshot().tensors();
    for (Lesson together : List.of(Lesson.WITH_ITS_EQUAL, Lesson.WITH_A_SMALLER_ONE)) {
      assertEquals(alone, train(name, together), together.name());
      assertEquals(end, states.get(states.size() - 1).snapshot().tensors(), together.name());
    }
  }

  /** The results of the reference's student. */
  private List<StepResult> train(String name, Lesson lesson) {
    Npz settings = Goldens.npz(AREA, name + ".traj10.npz");
    DistillationStep step = begin(lesson);
    List<StepResult> results = new ArrayList<>();
    for (int i = 0; i < settings.get("total").size(); i++) {
      results.add(
          step.run(batch(name), ReferenceRun.settings(settings, i)).get(lesson.reference()));
    }
    return results;
  }
}
