package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.optim.ParameterGroups;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of distillation into any number of students: the frozen teacher looks at the whole
 * global crops once, and each student learns its targets from whole global and local crops, without
 * masks and dropped paths. Its moving average is kept aside as the model to use; it takes no part.
 *
 * <p>Each student moves exactly as it would alone with the teacher. A student whose loss or
 * gradient is not finite is left as it is, but for its step count. Native memory does not grow from
 * step to step. Not thread-safe: owned by the thread that distils.
 */
public final class DistillationStep {
  private final TorchScriptLibrary library;
  private final FrozenTeacher teacher;
  private final List<Learning> students;

  /**
   * A model that is distilled.
   *
   * @param recipe its architecture, and the losses that it shares with the teacher
   * @param state what the steps work on; stays the caller's
   */
  public record Student(TrainingConfig recipe, TrainerState state) {}

  /** A student with what is derived from it once. */
  private record Learning(
      TrainingConfig recipe, ModelParts parts, ParameterGroups groups, StudentUpdate update) {
    static Learning of(Student student, TorchScriptLibrary library) {
      TrainingConfig recipe = student.recipe();
      List<String> trainable = new ArrayList<>(student.state().student().keySet());
      // Whole crops only: nothing leads from the losses to the mask token.
      trainable.remove("backbone.mask_token");
      ParameterGroups groups =
          ParameterGroups.of(trainable, recipe.model().depth(), recipe.optimizer());
      return new Learning(
          recipe,
          ModelParts.of(student.state().student()),
          groups,
          new StudentUpdate(library, recipe.optimizer(), groups, student.state()));
    }
  }

  /** The crops and targets that all students share; tensors of the step's scope. */
  private record Lesson(
      NDArray globals,
      NDArray locals,
      NDArray patches,
      NDArray patchWeights,
      Map<String, NDArray> targets) {}

  /**
   * @param library the trainer's scripts; stays the caller's
   * @param teacher has as many prototypes as each student; stays the caller's
   */
  public DistillationStep(
      TorchScriptLibrary library, FrozenTeacher teacher, List<Student> students) {
    this.library = library;
    this.teacher = teacher;
    this.students = students.stream().map(student -> Learning.of(student, library)).toList();
  }

  /** Moves every student by one step; results in the students' order. */
  public List<StepResult> run(TrainingBatch batch, StepSettings settings) {
    try (NDManager scope = library.runtime().newManager();
        NDScope rest = new NDScope()) {
      rest.suppressNotUsedWarning();
      Lesson lesson = lesson(scope, batch, settings);
      List<StepResult> results = new ArrayList<>();
      for (Learning student : students) {
        results.add(step(student, lesson, batch.images(), settings));
      }
      return results;
    }
  }

  private Lesson lesson(NDManager scope, TrainingBatch batch, StepSettings settings) {
    long[] patches = batch.masks().indices();
    float[] weights = batch.masks().weights();
    NDArray globals = Tensors.of(scope, batch.globals(), batch.globalShape());
    NDArray indices = Tensors.of(scope, patches, patches.length);
    return new Lesson(
        globals,
        Tensors.of(scope, batch.locals(), batch.localShape()),
        indices,
        Tensors.of(scope, weights, weights.length),
        teacher.targets(scope, globals, indices, settings.teacherTemperature()));
  }

  /**
   * The gradients of one student before clipping by parameter, without an update. The centres of
   * the teacher's targets move as in a step.
   */
  Map<String, float[]> gradients(int student, TrainingBatch batch, StepSettings settings) {
    Learning learning = students.get(student);
    try (NDManager scope = library.runtime().newManager()) {
      return forwardAndBackward(scope, learning, lesson(scope, batch, settings))
          .gradients(learning.groups().names());
    }
  }

  private StepResult step(Learning student, Lesson lesson, int images, StepSettings settings) {
    try (NDManager scope = library.runtime().newManager()) {
      StepOutcome outcome = forwardAndBackward(scope, student, lesson);
      return outcome.isFinite()
          ? student.update().apply(scope, outcome, images, settings)
          : student.update().skip(outcome, settings);
    }
  }

  private StepOutcome forwardAndBackward(NDManager scope, Learning student, Lesson lesson) {
    List<TorchValue> results =
        library
            .call(scope, GradMode.ENABLE_GRAD, "distillation_step", arguments(student, lesson))
            .items();
    Map<String, NDArray> report = new HashMap<>(lesson.targets());
    report.putAll(results.get(0).dict());
    return StepOutcome.of(
        report,
        student.groups().moduleNorms(report.get("grad_norms").toFloatArray()),
        results.get(1).tensors(),
        List.of());
  }

  private TorchValue[] arguments(Learning student, Lesson lesson) {
    LossConfig losses = student.recipe().losses();
    VisionTransformerConfig backbone = student.recipe().backbone();
    return new TorchValue[] {
      TorchValue.dict(student.parts().backbone()),
      TorchValue.dict(student.parts().heads()),
      TorchValue.text(String.join("\n", student.groups().names())),
      TorchValue.tensor(lesson.globals()),
      TorchValue.tensor(lesson.locals()),
      TorchValue.tensor(lesson.patches()),
      TorchValue.tensor(lesson.patchWeights()),
      TorchValue.tensor(lesson.targets().get("dino")),
      TorchValue.tensor(lesson.targets().get("ibot")),
      TorchValue.integer(backbone.heads()),
      TorchValue.real(backbone.interpolateOffset()),
      TorchValue.flag(backbone.interpolateAntialias()),
      TorchValue.flag(losses.ibot().separateHead()),
      TorchValue.real(losses.studentTemperature()),
      TorchValue.real(losses.dino().weight()),
      TorchValue.real(losses.koleoWeight()),
      TorchValue.real(losses.ibot().weight()),
      TorchValue.flag(!library.runtime().device().isGpu())
    };
  }
}
