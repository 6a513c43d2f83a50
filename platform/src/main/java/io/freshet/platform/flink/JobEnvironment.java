package io.freshet.platform.flink;

import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/** Flink settings of a job. */
final class JobEnvironment {
  private static final int TOLERATED_CHECKPOINT_FAILURES = 3;

  private JobEnvironment() {}

  /** What our guarantees rest on, wherever the job runs. */
  static Configuration anywhere(FlinkConfig flink) {
    Configuration c = new Configuration();
    c.set(PipelineOptions.OBJECT_REUSE, true);
    c.set(PipelineOptions.GENERIC_TYPES, false);
    c.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    c.set(PipelineOptions.MAX_PARALLELISM, FlinkConfig.MAX_PARALLELISM);
    DiskState.tune(c);
    c.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
    c.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, flink.checkpointInterval());
    c.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, flink.checkpointTimeout());
    c.set(
        CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS,
        flink.checkpointInterval().dividedBy(4));
    c.set(CheckpointingOptions.MAX_CONCURRENT_CHECKPOINTS, 1);
    c.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED_CHECKPOINT_FAILURES);
    c.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
    c.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    return c;
  }

  /** As {@link #anywhere}, plus what a cluster's administrator decides elsewhere. */
  static Configuration embedded(FlinkConfig flink, String job) {
    Configuration c = anywhere(flink);
    c.set(CoreOptions.DEFAULT_PARALLELISM, flink.parallelism());
    DiskState.use(c);
    c.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    c.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, flink.checkpoints(job).toUri().toString());
    c.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, flink.savepoints(job).toUri().toString());
    c.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    c.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        flink.restartFirstPause());
    c.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        flink.restartLongestPause());
    c.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 1.5);
    c.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        Duration.ofMinutes(10));
    if (flink.restartAttempts() > 0) {
      c.set(
          RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS,
          flink.restartAttempts());
    }
    return c;
  }
}
