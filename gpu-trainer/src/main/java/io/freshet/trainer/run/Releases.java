package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.step.StepSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a release is due, and its first part: a copy of the state, for which alone training stands
 * still. The rest happens beside training. A release that is due while the one before is in flight
 * is not waited for: it is made from the newest state as soon as that has ended. One that is due
 * while the collapse watch sounds an alarm, or that an alarm kept back, is made from the newest
 * state once the alarm is over. Owned by the training thread.
 */
final class Releases {
  private static final Logger LOG = LoggerFactory.getLogger(Releases.class);
  private static final long POLL_MILLIS = 100;

  private final TrainerSettings settings;
  private final RunState run;
  private final ReleaseWorker worker;
  private final StatusBoard board;
  private final Supplier<Optional<String>> alarm;
  private long releasedStep;
  private long releasedBefore;
  private long postponed;

  /**
   * @param alarm why nothing of the run may be released now
   */
  Releases(
      TrainerSettings settings,
      RunState run,
      ReleaseWorker worker,
      ModelRegistry registry,
      StatusBoard board,
      Supplier<Optional<String>> alarm) {
    this.settings = settings;
    this.run = run;
    this.worker = worker;
    this.board = board;
    this.alarm = alarm;
    List<Manifest> earlier = registry.intactManifests(settings.release().model());
    board.earlier(earlier.stream().map(ReleaseSummary::of).toList());
    this.releasedStep =
        earlier.stream()
            .filter(manifest -> manifest.runId().equals(run.runId()))
            .mapToLong(Manifest::step)
            .max()
            .orElse(0);
  }

  /**
   * Whether a release is due after {@code step} steps, or was due and a crash or an alarm swallowed
   * it.
   */
  private boolean due(long step) {
    long released = worker.keptBack() ? releasedBefore : releasedStep;
    return settings.parallel().releases()
        && settings.release().lastDue(step) > released
        && alarm.get().isEmpty();
  }

  /** Steps until the next release. */
  long remaining(long step) {
    ReleaseConfig config = settings.release();
    return config.nextDue(step) - step;
  }

  /** Starts on a release if one is due after {@code step} steps and none is in flight. */
  void consider(long step, Learner learner, BatchComposer composer) throws InterruptedException {
    if (!due(step)) {
      return;
    }
    if (worker.idle()) {
      start(learner, composer);
    } else if (postponed != settings.release().lastDue(step)) {
      postponed = settings.release().lastDue(step);
      LOG.info(
          "the release due at step {} waits for that of step {}, then takes the newest state",
          postponed,
          releasedStep);
    }
  }

  private void start(Learner learner, BatchComposer composer) throws InterruptedException {
    long start = System.nanoTime();
    // The release before may have become the curation model.
    worker
        .result()
        .ifPresent(
            measured -> {
              run.measured(measured.prefix(), measured.metrics());
              run.curationModel(measured.model());
              board.baselines(run.baselines());
            });
    StepSnapshot snapshot = learner.snapshot();
    releasedBefore = worker.keptBack() ? releasedBefore : releasedStep;
    releasedStep = snapshot.step();
    worker.submit(
        new ReleaseRequest(
            run.runId(),
            run.seed(),
            run.origin().flatMap(Origin::release),
            snapshot,
            composer.state(),
            run.baselines(),
            run.curationModel()));
    double millis = (System.nanoTime() - start) / 1e6;
    board.stalledForRelease(millis);
    LOG.info("the release of step {} stalled training for {} ms", releasedStep, Math.round(millis));
  }

  /** After the last step: makes what is due and waits for it, unless asked to stop. */
  void complete(long step, Learner learner, BatchComposer composer, BooleanSupplier stopping)
      throws InterruptedException {
    while (!stopping.getAsBoolean() && (due(step) || !worker.idle())) {
      if (worker.idle()) {
        start(learner, composer);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }
}
