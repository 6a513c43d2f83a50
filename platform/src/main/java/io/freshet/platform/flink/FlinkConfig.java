package io.freshet.platform.flink;

import io.freshet.platform.config.DataSize;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Section {@code flink}; {@code deploy/conf/defaults.yaml} says what each key means.
 *
 * @param committedCheckpoint 0, or the id of a checkpoint whose output is known to be committed
 * @param restartAttempts 0 restarts for ever
 */
public record FlinkConfig(
    Path stateDir,
    int parallelism,
    int slots,
    Duration checkpointInterval,
    Duration checkpointTimeout,
    int retainedCheckpoints,
    Duration transactionTimeout,
    Duration restartAllowance,
    long committedCheckpoint,
    Duration restartFirstPause,
    Duration restartLongestPause,
    int restartAttempts,
    DataSize managedMemory,
    DataSize networkMemory,
    Duration stopTimeout) {
  /** Key groups of every job. Changing it would orphan all keyed state. */
  public static final int MAX_PARALLELISM = 128;

  public FlinkConfig {
    requireRange("parallelism", parallelism, MAX_PARALLELISM);
    requireRange("slots", slots, 1024);
    requireRange("retained_checkpoints", retainedCheckpoints, 100);
    requireAtLeast("checkpoint_interval", checkpointInterval, Duration.ofMillis(100));
    requireAtLeast("checkpoint_timeout", checkpointTimeout, checkpointInterval);
    requireAtLeast("restart_first_pause", restartFirstPause, Duration.ofMillis(1));
    requireAtLeast("restart_longest_pause", restartLongestPause, restartFirstPause);
    requireAtLeast("stop_timeout", stopTimeout, Duration.ofSeconds(1));
    if (restartAttempts < 0 || committedCheckpoint < 0) {
      throw new IllegalArgumentException(
          "restart_attempts (%d) and committed_checkpoint (%d) can't be negative"
              .formatted(restartAttempts, committedCheckpoint));
    }
    Duration least = checkpointTimeout.plus(restartAllowance);
    if (transactionTimeout.compareTo(least) <= 0) {
      throw new IllegalArgumentException(
          ("transaction_timeout is %s, but must exceed checkpoint_timeout + restart_allowance = %s:"
                  + " a restart could not commit what the checkpoint prepared")
              .formatted(transactionTimeout, least));
    }
  }

  /** Where a job keeps its checkpoints: {@code checkpoints/<job>} under the state directory. */
  Path checkpoints(String job) {
    return stateDir.resolve("checkpoints").resolve(job).toAbsolutePath();
  }

  /** Where a job that was stopped cleanly left its savepoint. */
  Path savepoints(String job) {
    return stateDir.resolve("savepoints").resolve(job).toAbsolutePath();
  }

  /** Working files; worthless once the process has ended. */
  Path workingFiles() {
    return stateDir.resolve("tmp").toAbsolutePath();
  }

  private static void requireRange(String key, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException("%s is %d; write 1..%d".formatted(key, value, most));
    }
  }

  private static void requireAtLeast(String key, Duration value, Duration least) {
    if (value.compareTo(least) < 0) {
      throw new IllegalArgumentException("%s is %s; write %s or more".formatted(key, value, least));
    }
  }
}
