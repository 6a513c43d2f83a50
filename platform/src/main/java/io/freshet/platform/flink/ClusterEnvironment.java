package io.freshet.platform.flink;

import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RpcOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/** Settings of the embedded cluster: one task manager, local RPC, loopback only, small memory. */
final class ClusterEnvironment {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int NEVER_OFFLOAD_BYTES = Integer.MAX_VALUE;

  private ClusterEnvironment() {}

  static MiniClusterConfiguration of(FlinkConfig flink, String metricsRegistry) {
    Configuration c = new Configuration();
    c.set(RestOptions.ADDRESS, LOOPBACK);
    c.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    c.set(RestOptions.BIND_PORT, "0");
    c.set(WebOptions.SUBMIT_ENABLE, false);
    c.set(WebOptions.CANCEL_ENABLE, false);
    // Nothing travels over the blob server in one process, so loopback will do for it.
    c.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    c.set(BlobServerOptions.OFFLOAD_MINSIZE, NEVER_OFFLOAD_BYTES);
    // A savepoint is one RPC call; the default of 10 s is too short for a large state.
    c.set(RpcOptions.ASK_TIMEOUT_DURATION, Duration.ofMinutes(2));
    c.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, size(flink.managedMemory().bytes()));
    c.set(TaskManagerOptions.NETWORK_MEMORY_MIN, size(flink.networkMemory().bytes()));
    c.set(TaskManagerOptions.NETWORK_MEMORY_MAX, size(flink.networkMemory().bytes()));
    c.set(CoreOptions.TMP_DIRS, flink.workingFiles().toString());
    c.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, flink.retainedCheckpoints());
    c.setString("metrics.reporters", "live");
    c.setString("metrics.reporter.live.factory.class", LiveMetricsFactory.class.getName());
    c.setString("metrics.reporter.live." + LiveMetricsFactory.REGISTRY, metricsRegistry);
    c.setString("metrics.reporter.live.interval", "1 h");
    return new MiniClusterConfiguration.Builder()
        .setConfiguration(c)
        .setNumTaskManagers(1)
        .setNumSlotsPerTaskManager(flink.slots())
        .build();
  }

  private static MemorySize size(long bytes) {
    return new MemorySize(bytes);
  }
}
