package io.freshet.trainer.run;

import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.run.TrainerStatus.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@link TrainerRole#status} shows. Thread-safe: written by the trainer, read by anyone. */
final class StatusBoard {
  private final ProgressListener listener;
  private final Map<String, Double> baselines = new TreeMap<>();
  private final List<ReleaseSummary> releases = new ArrayList<>();
  private Phase phase = Phase.STARTING;
  private String detail = "";
  private String runId = "";
  private Counts counts = new Counts(0, 0, 0, 0, 0, 0, 0, -1, 0, 0);
  private Optional<Double> lossFirst = Optional.empty();
  private Optional<Double> lossLast = Optional.empty();
  private double evaluationMillis;
  private String releasing = "";
  private double releaseStallMillis;
  private double checkpointStallMillis;
  private long releaseFailures;

  /** The numbers that change with each step. */
  record Counts(
      long step,
      long imagesSeen,
      double stepSeconds,
      double imagesPerSecond,
      double dataWaitShare,
      int bufferedImages,
      long skippedSteps,
      long checkpointStep,
      long checkpointFailures,
      long ledgerFailures) {}

  private long unreadable;

  StatusBoard(ProgressListener listener) {
    this.listener = listener;
  }

  void enter(Phase next, String why) {
    synchronized (this) {
      phase = next;
      detail = why;
    }
    listener.onPhase(next, why);
  }

  synchronized void run(String id) {
    runId = id;
  }

  void stepped(StepProgress progress, Counts now, LossMeter losses, long unreadableRecords) {
    resumedAt(now, losses, unreadableRecords);
    listener.onStep(progress);
  }

  synchronized void resumedAt(Counts now, LossMeter losses, long unreadableRecords) {
    counts = now;
    lossFirst = losses.first();
    lossLast = losses.last();
    unreadable = unreadableRecords;
  }

  synchronized void evaluated(double millis) {
    evaluationMillis = millis;
  }

  /** What the release in flight is doing; empty when none is. */
  synchronized void releasing(String what) {
    releasing = what;
  }

  synchronized void stalledForRelease(double millis) {
    releaseStallMillis = millis;
  }

  synchronized void stalledForCheckpoint(double millis) {
    checkpointStallMillis = millis;
  }

  synchronized void releaseFailed() {
    releaseFailures++;
  }

  synchronized void baselines(Map<String, Double> metrics) {
    baselines.putAll(metrics);
  }

  void released(ReleaseSummary release) {
    synchronized (this) {
      releases.add(release);
    }
    listener.onRelease(release);
  }

  synchronized void earlier(List<ReleaseSummary> summaries) {
    releases.addAll(0, summaries);
  }

  synchronized TrainerStatus snapshot() {
    return new TrainerStatus(
        phase,
        detail,
        runId,
        counts.step(),
        counts.imagesSeen(),
        lossFirst,
        lossLast,
        1000 * counts.stepSeconds(),
        counts.imagesPerSecond(),
        counts.dataWaitShare(),
        counts.bufferedImages(),
        unreadable,
        counts.skippedSteps(),
        counts.checkpointStep(),
        counts.checkpointFailures(),
        counts.ledgerFailures(),
        evaluationMillis,
        releasing,
        releaseStallMillis,
        checkpointStallMillis,
        releaseFailures,
        Metrics.under(Metrics.UNTRAINED_TOP1, baselines),
        Metrics.under(Metrics.RAW_PIXELS_TOP1, baselines),
        Metrics.under(Metrics.CENTRED_PIXELS_TOP1, baselines),
        Metrics.under(Metrics.CURATION_TOP1, baselines),
        releases);
  }
}
