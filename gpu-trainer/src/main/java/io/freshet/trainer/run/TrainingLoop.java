package io.freshet.trainer.run;

import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.BatchPrefetcher;
import io.freshet.trainer.data.BatchPrefetcher.Delivery;
import io.freshet.trainer.data.OffsetReplay;
import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One step after another: take in what arrived, plan ahead, take the next prepared batch, train.
 *
 * <p>Everything that decides what a step sees happens in a fixed order on this one thread, so that
 * equal seeds, records and settings give equal steps. What follows from a step that is not finite
 * is up to {@link UpdateGuard}.
 *
 * <p>Owned by the training thread.
 */
final class TrainingLoop {
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final RunConfig config;
  private final long seed;
  private final BatchComposer composer;
  private final OffsetReplay replay;
  private final BatchPrefetcher prefetcher;
  private final Learner learner;
  private final TrainingSchedules schedules;
  private final BooleanSupplier stopping;
  private final UpdateGuard guard;

  /** What a step did and what it took. */
  record Outcome(StepResult result, BatchPlan plan, Duration wall, Duration waited) {}

  /**
   * @param seed of the run
   * @param stopping asked while the loop waits for records
   */
  TrainingLoop(
      RunConfig config,
      long seed,
      BatchComposer composer,
      OffsetReplay replay,
      BatchPrefetcher prefetcher,
      Learner learner,
      TrainingSchedules schedules,
      BooleanSupplier stopping) {
    this.config = config;
    this.seed = seed;
    this.composer = composer;
    this.replay = replay;
    this.prefetcher = prefetcher;
    this.learner = learner;
    this.schedules = schedules;
    this.stopping = stopping;
    this.guard = new UpdateGuard(composer, learner);
    composer.pending().forEach(prefetcher::submit);
  }

  /** Trains one step; empty when asked to stop before there were records for it. */
  Optional<Outcome> next() throws InterruptedException {
    long start = System.nanoTime();
    if (!planAhead()) {
      return Optional.empty();
    }
    Delivery delivery = prefetcher.take();
    composer.forget(delivery.prepared().lost());
    BatchPlan plan = delivery.prepared().plan();
    StepResult result =
        learner.train(
            delivery.prepared().batch(),
            schedules.at(plan.step()),
            StepRandom.of(seed, Purpose.DROP_PATH, plan.step(), 0));
    composer.trained(plan.step());
    guard.after(result, plan, delivery.prepared().batch().nonFiniteImages());
    Duration wall = Duration.ofNanos(System.nanoTime() - start);
    return Optional.of(new Outcome(result, plan, wall, delivery.waited()));
  }

  private boolean planAhead() throws InterruptedException {
    while (prefetcher.ahead() < config.prefetchBatches()) {
      long step = composer.nextStep();
      if (!awaitRecords(step)) {
        return false;
      }
      composer.admit(replay.take(step));
      if (composer.bufferedImages() > 0) {
        prefetcher.submit(composer.compose());
      } else if (stopping.getAsBoolean()) {
        return false;
      } else {
        // All that was here has been withdrawn, so no step can be repeated either.
        replay.abandonLedger();
        replay.await(PATIENCE);
      }
    }
    return true;
  }

  private boolean awaitRecords(long step) throws InterruptedException {
    long deadline = System.nanoTime() + config.replayPatience().toNanos();
    while (!replay.ready(step)) {
      if (stopping.getAsBoolean()) {
        return false;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the ledger says that step %d consumed records of image.curated that did not come within %s"
                    .formatted(step, config.replayPatience())
                + "; if they were deleted, resume with trainer.run.replay_ledger: false");
      }
      replay.await(PATIENCE);
    }
    return true;
  }

  /** Decides what follows from steps that are not finite. */
  UpdateGuard guard() {
    return guard;
  }
}
