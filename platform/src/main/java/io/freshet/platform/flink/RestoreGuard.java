package io.freshet.platform.flink;

import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Refuses to resume from a checkpoint whose prepared transactions the broker may have aborted.
 * Flink's Kafka committer answers an aborted transaction with a line in the log and goes on: output
 * would be lost while the job looks healthy.
 *
 * @param transactionTimeout after which the broker aborts an open transaction
 * @param restartAllowance the longest that the restart itself may take
 * @param committedCheckpoint id of a checkpoint whose output is known to be committed, which may be
 *     of any age; 0 is none
 */
record RestoreGuard(
    Duration transactionTimeout, Duration restartAllowance, long committedCheckpoint, Clock clock)
    implements Serializable {

  static RestoreGuard of(FlinkConfig flink, long committedCheckpoint, Clock clock) {
    return new RestoreGuard(
        flink.transactionTimeout(), flink.restartAllowance(), committedCheckpoint, clock);
  }

  /**
   * @param openSince when the oldest transaction that the checkpoint prepared was begun
   * @throws StaleCheckpointException when the broker may have aborted it meanwhile
   */
  void require(String job, long checkpointId, Instant openSince) {
    if (checkpointId == committedCheckpoint) {
      return;
    }
    Duration age = Duration.between(openSince, clock.instant());
    Duration limit = transactionTimeout.minus(restartAllowance);
    if (age.compareTo(limit) > 0) {
      throw new StaleCheckpointException(
          ("job %s: the output of checkpoint %d has waited %s for its commit, but the broker keeps"
                  + " it for %s, less %s for the restart: it may be lost. Compare the topics with"
                  + " the checkpoint's time (%s), then set flink.committed_checkpoint: %d to go on"
                  + " from it")
              .formatted(
                  job,
                  checkpointId,
                  age,
                  transactionTimeout,
                  restartAllowance,
                  openSince,
                  checkpointId));
    }
  }
}
