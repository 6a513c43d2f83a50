package io.freshet.trainer.branch;

import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.DistillationStep;
import io.freshet.trainer.step.FrozenTeacher;
import io.freshet.trainer.step.InitialParameters;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Distils a release's teacher into all students at once. */
final class Distillation {
  private final TorchScriptLibrary library;
  private final FrozenReplay replay;
  private final BranchWatch watch;

  /**
   * @param library stays the caller's
   */
  Distillation(TorchScriptLibrary library, FrozenReplay replay, BranchWatch watch) {
    this.library = library;
    this.replay = replay;
    this.watch = watch;
  }

  /** A student before the branch: its recipe and, when it was distilled before, that state. */
  record Pupil(StudentConfig config, TrainingConfig recipe, Optional<StepSnapshot> earlier) {}

  /**
   * @param recipe of the run, whose crops are used
   * @param teacher as the branches before left it
   * @return the students in the order of {@code pupils}
   * @throws BranchFailedException when a step of any student is not finite
   * @throws BranchStoppedException when the watch says so
   */
  List<BranchedModel> train(
      TrainingConfig recipe, BranchedModel teacher, List<Pupil> pupils, long steps)
      throws InterruptedException {
    List<TrainerState> states = new ArrayList<>();
    try (FrozenTeacher frozen =
            new FrozenTeacher(library, recipe.losses(), teacher.backbone(), teacher.state());
        BranchBatches batches = replay.whole(Branch.DISTILLATION, recipe, steps)) {
      List<DistillationStep.Student> students = new ArrayList<>();
      for (Pupil pupil : pupils) {
        TrainerState state =
            TrainerState.restore(library.runtime().newManager(), start(pupil, frozen));
        states.add(state);
        students.add(new DistillationStep.Student(pupil.recipe(), state));
      }
      TrainingSchedules schedules =
          TrainingSchedules.of(pupils.get(0).recipe().schedule(), recipe.batchImages());
      DistillationStep step = new DistillationStep(library, frozen, students);
      for (long i = 0; i < steps; i++) {
        watch.before(Branch.DISTILLATION.title(), i, steps);
        for (StepResult result : step.run(batches.next(), schedules.at(i))) {
          SelfSupervised.requireFinite(Branch.DISTILLATION, i, result);
        }
      }
      List<BranchedModel> distilled = new ArrayList<>();
      for (int i = 0; i < pupils.size(); i++) {
        Pupil pupil = pupils.get(i);
        distilled.add(
            new BranchedModel(
                pupil.config().model(),
                pupil.recipe().backbone(),
                states.get(i).snapshot().with(frozen.centers()),
                List.of("%s, %d steps".formatted(Branch.DISTILLATION.title(), steps))));
      }
      return distilled;
    } finally {
      states.forEach(TrainerState::close);
    }
  }

  /** A student goes on from its last release; its optimizer begins anew with the schedules. */
  private StepSnapshot start(Pupil pupil, FrozenTeacher frozen) {
    Map<String, StateTensor> student =
        pupil
            .earlier()
            .map(state -> state.under(StepSnapshot.TEACHER))
            .orElseGet(
                () -> InitialParameters.draw(pupil.recipe(), replay.seed(Branch.DISTILLATION)));
    return StepSnapshot.begin(
        pupil.earlier().map(StepSnapshot::imagesSeen).orElse(0L),
        student,
        student,
        frozen.centers().get(StepSnapshot.DINO_CENTER),
        frozen.centers().get(StepSnapshot.IBOT_CENTER));
  }
}
