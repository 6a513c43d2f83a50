package io.freshet.trainer.branch;

import io.freshet.trainer.branch.Distillation.Pupil;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the models of a release from a copy of the run's state: a cooldown, then an adaptation to a
 * high resolution, then a distillation into smaller students, each of them only when the settings
 * ask for it.
 *
 * <p>The result is a function of the state, the replay and the settings. The run that the state was
 * copied from is not touched and may go on meanwhile. One call at a time, on one thread.
 */
public final class ReleaseBranches {
  private final TorchScriptLibrary library;
  private final String model;
  private final TrainingConfig recipe;
  private final TrainingSchedules schedules;
  private final CooldownConfig cooldown;
  private final HighResolutionConfig highResolution;
  private final DistillationConfig distillation;

  /** Where a student goes on from: the state of its newest release, if there is one that fits. */
  @FunctionalInterface
  public interface EarlierStudents {
    /** None was ever released. */
    EarlierStudents NONE = (model, recipe) -> Optional.empty();

    Optional<StepSnapshot> of(String model, TrainingConfig recipe);
  }

  /** The teacher and the students that were distilled from it. */
  public record Models(BranchedModel teacher, List<BranchedModel> students) {
    public Models {
      students = List.copyOf(students);
    }

    /** All of them, the teacher first. */
    public List<BranchedModel> all() {
      List<BranchedModel> all = new ArrayList<>(List.of(teacher));
      all.addAll(students);
      return all;
    }
  }

  /**
   * @param library the trainer's scripts; stays the caller's
   * @param model the teacher's name in the registry
   * @param schedules of the run
   * @throws IllegalArgumentException when the settings do not fit the recipe
   */
  public ReleaseBranches(
      TorchScriptLibrary library,
      String model,
      TrainingConfig recipe,
      TrainingSchedules schedules,
      CooldownConfig cooldown,
      HighResolutionConfig highResolution,
      DistillationConfig distillation) {
    this.library = library;
    this.model = model;
    this.recipe = recipe;
    this.schedules = schedules;
    this.cooldown = cooldown;
    this.highResolution = highResolution;
    this.distillation = distillation;
  }

  /**
   * @param trunk the copied state
   * @throws BranchFailedException when a step is not finite
   * @throws BranchStoppedException when the watch says so
   */
  public Models make(
      StepSnapshot trunk, FrozenReplay replay, EarlierStudents earlier, BranchWatch watch)
      throws InterruptedException {
    SelfSupervised training = new SelfSupervised(library, replay, watch);
    BranchedModel teacher = new BranchedModel(model, recipe.backbone(), trunk, List.of());
    if (cooldown.steps() > 0) {
      teacher = cooled(training, teacher);
    }
    if (highResolution.steps() > 0) {
      teacher = adapted(training, teacher, trunk.step());
    }
    List<BranchedModel> students = List.of();
    if (distillation.enabled()) {
      List<Pupil> pupils =
          distillation.students().stream()
              .map(student -> pupil(student, trunk.step(), earlier))
              .toList();
      students =
          new Distillation(library, replay, watch)
              .train(recipe, teacher, pupils, distillation.steps());
    }
    return new Models(teacher, students);
  }

  private BranchedModel cooled(SelfSupervised training, BranchedModel trunk)
      throws InterruptedException {
    long steps = cooldown.steps();
    StepSnapshot state =
        training.train(
            Branch.COOLDOWN,
            recipe,
            schedules.cooldown(trunk.state().step(), steps),
            trunk.state(),
            steps);
    return after(
        trunk, trunk.backbone(), state, "%s, %d steps".formatted(Branch.COOLDOWN.title(), steps));
  }

  private BranchedModel adapted(SelfSupervised training, BranchedModel low, long stepsBehind)
      throws InterruptedException {
    TrainingConfig high = highResolution.recipe(recipe, stepsBehind);
    StepSnapshot state =
        training.train(
            Branch.HIGH_RESOLUTION,
            high,
            TrainingSchedules.of(high.schedule(), high.batchImages()),
            resized(low.state(), high.backbone()),
            highResolution.steps());
    String what =
        "%s, %d px, %d steps"
            .formatted(
                Branch.HIGH_RESOLUTION.title(),
                highResolution.globalSize(),
                highResolution.steps());
    return after(low, high.backbone(), state, what);
  }

  /** The same model on another grid, with an optimizer that begins anew. */
  private StepSnapshot resized(StepSnapshot state, VisionTransformerConfig target) {
    return StepSnapshot.begin(
        state.imagesSeen(),
        resized(state.under(StepSnapshot.STUDENT), target),
        resized(state.under(StepSnapshot.TEACHER), target),
        state.get(StepSnapshot.DINO_CENTER),
        state.get(StepSnapshot.IBOT_CENTER));
  }

  private Map<String, StateTensor> resized(
      Map<String, StateTensor> parameters, VisionTransformerConfig target) {
    PositionGrid grid = new PositionGrid(library);
    Map<String, StateTensor> resized = new HashMap<>(parameters);
    resized.computeIfPresent(
        PositionGrid.PARAMETER, (name, embedding) -> grid.resample(embedding, target));
    return resized;
  }

  private Pupil pupil(StudentConfig student, long stepsBehind, EarlierStudents earlier) {
    TrainingConfig own = student.recipe(recipe, distillation, stepsBehind);
    return new Pupil(student, own, earlier.of(student.model(), own));
  }

  private static BranchedModel after(
      BranchedModel before, VisionTransformerConfig backbone, StepSnapshot state, String branch) {
    List<String> branches = new ArrayList<>(before.branches());
    branches.add(branch);
    return new BranchedModel(before.model(), backbone, state, branches);
  }
}
