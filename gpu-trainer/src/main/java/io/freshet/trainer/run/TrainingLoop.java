package io.freshet.trainer.run;

import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.BatchPrefetcher;
import io.freshet.trainer.data.BatchPrefetcher.Delivery;
import io.freshet.trainer.data.OffsetReplay;
import io.freshet.trainer.data.Sample;
import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One step after another: take in what arrived, plan ahead, take the next prepared batch, train.
 *
 * <p>Everything that decides what a step sees happens in a fixed order on this one thread, so that
 * equal seeds, records and settings give equal steps. A step whose loss or gradient is not finite
 * changes nothing and its images are forgotten; after {@value #MAX_SKIPS} in a row the tensors of
 * the newest checkpoint are taken back.
 *
 * <p>Owned by the training thread.
 */
final class TrainingLoop {
  static final int MAX_SKIPS = 3;

  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final RunConfig config;
  private final long seed;
  private final BatchComposer composer;
  private final OffsetReplay replay;
  private final BatchPrefetcher prefetcher;
  private final Learner learner;
  private final TrainingSchedules schedules;
  private final BooleanSupplier stopping;
  private StepSnapshot good;
  private int skipsInARow;

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
    guard(result, plan);
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
      prefetcher.submit(composer.compose());
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

  private void guard(StepResult result, BatchPlan plan) {
    if (!result.skipped()) {
      skipsInARow = 0;
      return;
    }
    skipsInARow++;
    LOG.warn(
        "step {} was skipped: loss {}, gradient norms {}; its images are forgotten",
        result.step(),
        result.totalLoss(),
        result.gradientNorms());
    composer.forget(plan.samples().stream().map(Sample::imageId).toList());
    if (composer.bufferedImages() == 0) {
      throw new IllegalStateException(
          "no step is finite any more: every image of the buffer was in a skipped step");
    }
    if (skipsInARow >= MAX_SKIPS && good != null) {
      LOG.error(
          "{} steps skipped in a row: back to the tensors of step {}", skipsInARow, good.step());
      learner.rollBack(good);
      skipsInARow = 0;
    }
  }

  /** Says what to go back to when steps stop being finite. */
  void good(StepSnapshot snapshot) {
    good = snapshot;
  }
}
