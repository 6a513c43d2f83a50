package io.freshet.trainer.branch;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.vision.torch.TorchScriptLibrary;

/** Trains a copy of a state for some steps by the method of the run itself. */
final class SelfSupervised {
  private final TorchScriptLibrary library;
  private final FrozenReplay replay;
  private final BranchWatch watch;

  /**
   * @param library stays the caller's
   */
  SelfSupervised(TorchScriptLibrary library, FrozenReplay replay, BranchWatch watch) {
    this.library = library;
    this.replay = replay;
    this.watch = watch;
  }

  /**
   * @param schedules are asked for the steps from that of {@code start} on
   * @return the state after {@code steps} steps
   * @throws BranchFailedException when a step is not finite
   * @throws BranchStoppedException when the watch says so
   */
  StepSnapshot train(
      Branch branch,
      TrainingConfig recipe,
      TrainingSchedules schedules,
      StepSnapshot start,
      long steps)
      throws InterruptedException {
    try (TrainerState state = TrainerState.restore(library.runtime().newManager(), start);
        BranchBatches batches = replay.masked(branch, recipe, steps)) {
      TrainingStep step = new TrainingStep(recipe, library, state);
      for (long i = 0; i < steps; i++) {
        watch.before(branch.title(), i, steps);
        StepResult result =
            step.run(
                batches.next(),
                schedules.at(state.step()),
                StepRandom.of(replay.seed(branch), Purpose.DROP_PATH, i, 0));
        requireFinite(branch, i, result);
      }
      return state.snapshot();
    }
  }

  static void requireFinite(Branch branch, long step, StepResult result) {
    if (result.skipped()) {
      throw new BranchFailedException(
          "step %d of the branch %s is not finite: loss %s, gradient norms %s"
              .formatted(step, branch.title(), result.totalLoss(), result.gradientNorms()));
    }
  }
}
