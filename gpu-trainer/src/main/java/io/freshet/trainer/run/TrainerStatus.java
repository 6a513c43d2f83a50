package io.freshet.trainer.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A snapshot of the trainer for the console and reports. Accuracies are 0..1, by evaluation set.
 *
 * @param detail what the phase waits for or failed on
 * @param step optimiser steps done
 * @param lossFirst mean of the first {@value #LOSS_STEPS} losses of the run
 * @param lossLast mean of the last {@value #LOSS_STEPS}
 * @param stepMillis mean wall time of the last steps
 * @param dataWaitShare share of that spent waiting for data
 * @param bufferedImages images that batches can be drawn from
 * @param unreadableRecords curated records left out: undecodable, or their image lost
 * @param skippedSteps steps whose update the guard refused
 * @param checkpointStep step of the newest durable checkpoint of this process, or -1
 * @param evaluationMillis time beside training that the last evaluation took
 * @param releasing what the release in flight is doing; empty when none is
 * @param releaseStallMillis how long training stood still for the last release: one copy of the
 *     state
 * @param checkpointStallMillis the same for the last checkpoint
 * @param releaseFailures releases of this process that came to nothing
 * @param knnUntrained k-NN of the network before its first step
 * @param knnRawPixels k-NN of the pixels at 16 x 16
 * @param knnCentredPixels the same with the bank's mean subtracted
 * @param knnCuration k-NN of the curation model, on the limited sets
 * @param releases of this model, oldest first
 */
public record TrainerStatus(
    Phase phase,
    String detail,
    String runId,
    long step,
    long imagesSeen,
    Optional<Double> lossFirst,
    Optional<Double> lossLast,
    double stepMillis,
    double imagesPerSecond,
    double dataWaitShare,
    int bufferedImages,
    long unreadableRecords,
    long skippedSteps,
    long checkpointStep,
    long checkpointFailures,
    long ledgerFailures,
    double evaluationMillis,
    String releasing,
    double releaseStallMillis,
    double checkpointStallMillis,
    long releaseFailures,
    Map<String, Double> knnUntrained,
    Map<String, Double> knnRawPixels,
    Map<String, Double> knnCentredPixels,
    Map<String, Double> knnCuration,
    List<ReleaseSummary> releases) {
  static final int LOSS_STEPS = 10;

  /** What the trainer is doing. */
  public enum Phase {
    STARTING,
    AWAITING_EVALUATION_SEEDS,
    MEASURING_BASELINES,
    AWAITING_IMAGES,
    TRAINING,
    STOPPED,
    FAILED
  }

  public TrainerStatus {
    knnUntrained = Map.copyOf(knnUntrained);
    knnRawPixels = Map.copyOf(knnRawPixels);
    knnCentredPixels = Map.copyOf(knnCentredPixels);
    knnCuration = Map.copyOf(knnCuration);
    releases = List.copyOf(releases);
  }
}
