package io.freshet.trainer.run;

import io.freshet.trainer.checkpoint.Checkpoint;
import io.freshet.trainer.checkpoint.CheckpointWriter;
import io.freshet.trainer.checkpoint.TrainerPosition;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.run.StatusBoard.Counts;
import io.freshet.trainer.run.TrainingLoop.Outcome;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The loop with what surrounds each step: ledger, status, releases, checkpoints. Lives on the
 * training thread.
 */
final class TrainingRun {
  private final TrainerSettings settings;
  private final RunState run;
  private final TrainingLoop loop;
  private final Learner learner;
  private final BatchComposer composer;
  private final CheckpointWriter checkpoints;
  private final StepLedger ledger;
  private final Releases releases;
  private final Watching watching;
  private final StatusBoard board;
  private final LongSupplier unreadable;
  private final SpeedMeter speed = new SpeedMeter();
  private long doneSteps;
  private long imagesSeen;
  private long savedStep = -1;
  private long savedAt;

  TrainingRun(
      TrainerSettings settings,
      RunState run,
      TrainingLoop loop,
      Learner learner,
      BatchComposer composer,
      CheckpointWriter checkpoints,
      StepLedger ledger,
      Releases releases,
      Watching watching,
      StatusBoard board,
      LongSupplier unreadable) {
    this.settings = settings;
    this.run = run;
    this.loop = loop;
    this.learner = learner;
    this.composer = composer;
    this.checkpoints = checkpoints;
    this.ledger = ledger;
    this.releases = releases;
    this.watching = watching;
    this.board = board;
    this.unreadable = unreadable;
  }

  /**
   * Trains until asked to stop or the last step is done; the last thing it does is a checkpoint.
   */
  void untilStopped(BooleanSupplier stopping) throws InterruptedException {
    // The first checkpoint names the run, so that a crash at any later moment goes on with it.
    save();
    long step = savedStep;
    checkpoints.await();
    requireGood();
    show();
    releases.consider(step, learner, composer);
    while (!stopping.getAsBoolean() && !finished(step)) {
      Optional<Outcome> outcome = loop.next();
      if (outcome.isEmpty()) {
        break;
      }
      step = outcome.orElseThrow().result().step() + 1;
      keepGood();
      account(outcome.orElseThrow(), step);
      releases.consider(step, learner, composer);
      if (saveDue(step)) {
        save();
      }
    }
    if (step != savedStep) {
      save();
    }
    checkpoints.await();
    releases.complete(step, learner, composer, stopping);
    ledger.flush();
    show();
  }

  private void show() {
    board.resumedAt(counts(), run.losses(), unreadable.getAsLong());
  }

  /** A run that starts from tensors that aren't finite can never train a step. */
  private void requireGood() {
    checkpoints
        .takeRefusal()
        .ifPresent(
            refusal -> {
              throw refusal;
            });
    keepGood();
  }

  /** The guard goes back to what was found finite, and at once when a state was not. */
  private void keepGood() {
    checkpoints
        .newestGood()
        .map(TrainingRun::snapshot)
        .ifPresent(snapshot -> loop.guard().good(snapshot));
    checkpoints.takeRefusal().ifPresent(refusal -> loop.guard().rollBack(refusal.getMessage()));
  }

  private static StepSnapshot snapshot(Checkpoint checkpoint) {
    TrainerPosition position = checkpoint.position();
    return new StepSnapshot(position.step(), position.imagesSeen(), checkpoint.tensors());
  }

  private boolean finished(long step) {
    long last = settings.run().maxSteps();
    return last > 0 && step >= last;
  }

  private void account(Outcome outcome, long step) {
    StepResult result = outcome.result();
    int images = outcome.plan().samples().size();
    ledger.record(
        result, outcome.plan(), outcome.wall(), outcome.waited(), watching.after(result, images));
    if (result.skipped()) {
      run.skippedStep();
    } else {
      run.losses().add(result.totalLoss());
    }
    speed.add(outcome.wall(), outcome.waited(), images);
    long remaining = releases.remaining(step);
    Duration eta = Duration.ofMillis(Math.round(1000 * remaining * speed.stepSeconds()));
    StepProgress progress =
        new StepProgress(
            step,
            result.imagesSeen(),
            result.totalLoss(),
            outcome.wall(),
            speed.imagesPerSecond(),
            speed.dataWaitShare(),
            remaining,
            Optional.of(eta));
    doneSteps = step;
    imagesSeen = result.imagesSeen();
    board.stepped(progress, counts(), run.losses(), unreadable.getAsLong());
  }

  private Counts counts() {
    return new Counts(
        doneSteps,
        imagesSeen,
        speed.stepSeconds(),
        speed.imagesPerSecond(),
        speed.dataWaitShare(),
        composer.bufferedImages(),
        run.skipped(),
        composer.quarantinedImages(),
        checkpoints.durableStep(),
        checkpoints.failures(),
        ledger.failures());
  }

  private boolean saveDue(long step) {
    boolean bySteps = step - savedStep >= settings.checkpoint().everySteps();
    boolean byTime = System.nanoTime() - savedAt >= settings.checkpoint().interval().toNanos();
    return (bySteps || byTime) && checkpoints.idle();
  }

  private void save() throws InterruptedException {
    long start = System.nanoTime();
    StepSnapshot snapshot = learner.snapshot();
    checkpoints.submit(run.checkpoint(snapshot, composer.state()));
    savedStep = snapshot.step();
    savedAt = System.nanoTime();
    board.stalledForCheckpoint((savedAt - start) / 1e6);
    doneSteps = snapshot.step();
    imagesSeen = snapshot.imagesSeen();
  }
}
