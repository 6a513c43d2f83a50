package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.optim.ParameterGroup;
import io.freshet.trainer.optim.ParameterGroups;
import io.freshet.trainer.optim.ParameterRole;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of distillation into any number of students: the frozen teacher looks at the whole
 * global crops once, and each student learns its targets from whole global and local crops, without
 * masks and dropped paths. Its moving average is kept aside as the model to use; it takes no part.
 *
 * <p>Each student moves exactly as {@link TrainingStep} with {@link Teacher.Frozen} would move it
 * alone. A student whose loss or gradient is not finite is left as it is, but for its step count.
 * Native memory does not grow from step to step. Not thread-safe: owned by the thread that distils.
 */
public final class DistillationStep {
  private static final List<String> LOSSES = List.of("dino_local", "dino_global", "koleo", "ibot");
  private static final List<String> TARGETS = List.of("target_entropy", "mean_target_entropy");
  private static final String COINCIDENCES = "koleo_coincidences";

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
      TrainingConfig recipe, TrainerState state, ModelParts parts, ParameterGroups groups) {
    static Learning of(Student student) {
      List<String> trainable = new ArrayList<>(student.state().student().keySet());
      // Whole crops only: nothing leads from the losses to the mask token.
      trainable.remove("backbone.mask_token");
      return new Learning(
          student.recipe(),
          student.state(),
          ModelParts.of(student.state().student()),
          ParameterGroups.of(
              trainable, student.recipe().model().depth(), student.recipe().optimizer()));
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
    this.students = students.stream().map(Learning::of).toList();
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
      Pass pass = forwardAndBackward(scope, learning, lesson(scope, batch, settings));
      Map<String, float[]> gradients = new LinkedHashMap<>();
      List<String> names = learning.groups().names();
      for (int i = 0; i < names.size(); i++) {
        gradients.put(names.get(i), pass.gradients().get(i).toFloatArray());
      }
      return gradients;
    }
  }

  /** What forward and backward of a student gave: numbers on the heap, tensors of the scope. */
  private record Pass(
      Map<String, Double> losses,
      Map<String, Double> norms,
      Map<String, Double> targets,
      List<NDArray> gradients) {

    boolean isFinite() {
      return Double.isFinite(losses.get("total"))
          && norms.values().stream().allMatch(Double::isFinite);
    }
  }

  private StepResult step(Learning student, Lesson lesson, int images, StepSettings settings) {
    try (NDManager scope = library.runtime().newManager()) {
      Pass pass = forwardAndBackward(scope, student, lesson);
      boolean finite = pass.isFinite();
      if (finite) {
        update(scope, student, pass.gradients(), pass.norms(), settings);
      }
      TrainerState state = student.state();
      long step = state.step();
      state.advance(finite ? images : 0);
      return new StepResult(
          step, state.imagesSeen(), pass.losses(), pass.norms(), pass.targets(), settings, !finite);
    }
  }

  private Pass forwardAndBackward(NDManager scope, Learning student, Lesson lesson) {
    List<TorchValue> results =
        library
            .call(scope, GradMode.ENABLE_GRAD, "distillation_step", arguments(student, lesson))
            .items();
    Map<String, NDArray> report = results.get(0).dict();
    Map<String, Double> targets = new LinkedHashMap<>();
    TARGETS.forEach(name -> targets.put(name, (double) lesson.targets().get(name).getFloat()));
    targets.put(COINCIDENCES, (double) report.get(COINCIDENCES).getFloat());
    return new Pass(
        losses(report.get("losses").toFloatArray()),
        student.groups().moduleNorms(report.get("grad_norms").toFloatArray()),
        targets,
        results.get(1).tensors());
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

  private void update(
      NDManager scope,
      Learning student,
      List<NDArray> gradients,
      Map<String, Double> norms,
      StepSettings settings) {
    OptimizerConfig optimizer = student.recipe().optimizer();
    TrainerState state = student.state();
    call(scope, "count_update", TorchValue.tensor(state.updates()));
    int at = 0;
    for (ParameterGroup group : student.groups().groups()) {
      List<String> names = group.names();
      ParameterRole role = group.role();
      call(
          scope,
          "adamw",
          TorchValue.tensors(state.student(names)),
          TorchValue.tensors(gradients.subList(at, at + names.size())),
          TorchValue.tensors(state.expAvg(names)),
          TorchValue.tensors(state.expAvgSq(names)),
          TorchValue.tensor(state.updates()),
          TorchValue.real(optimizer.clipCoefficient(norms.get(role.module()))),
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
  }

  private void call(NDManager scope, String method, TorchValue... arguments) {
    library.call(scope, GradMode.NO_GRAD, method, arguments);
  }
}
