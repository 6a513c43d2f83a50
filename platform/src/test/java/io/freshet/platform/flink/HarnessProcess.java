package io.freshet.platform.flink;

import io.freshet.platform.broker.BrokerConfig;
import io.freshet.platform.broker.EmbeddedBroker;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.testing.FreshetCluster;
import java.nio.file.Path;

/** Broker, Flink and one job in a process of their own, so that a test can kill it. */
final class HarnessProcess {
  /** Followed by the number of completed checkpoints; printed when it grows. */
  static final String CHECKPOINTS = "CHECKPOINTS ";

  private HarnessProcess() {}

  static Config config(Path directory, int port) {
    return Config.defaults()
        .with("broker.data_dir", directory.resolve("kafka").toString())
        .with("broker.port", String.valueOf(port))
        .with("kafka.bootstrap_servers", "127.0.0.1:" + port)
        .with("kafka.partitions", "2")
        .with("flink.state_dir", directory.resolve("flink").toString())
        .with("flink.parallelism", "2")
        .with("flink.checkpoint_interval", "500ms");
  }

  public static void main(String[] args) throws InterruptedException {
    Config config = config(Path.of(args[0]), Integer.parseInt(args[1]));
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(config.section("broker", BrokerConfig.class));
        EmbeddedFlink flink = started(config)) {
      RunningJob job = flink.submit(new KeepFirstJob("keep-first"));
      job.awaitRunning(FreshetCluster.PATIENCE);
      long reported = -1;
      while (!Thread.interrupted()) {
        long completed = job.completedCheckpoints();
        if (completed > reported) {
          reported = completed;
          System.out.println(CHECKPOINTS + completed + " at " + broker.bootstrapServers());
        }
        Thread.sleep(20);
      }
    }
  }

  private static EmbeddedFlink started(Config config) {
    TopicAdmin.ensureTopics(config.section("kafka", KafkaConfig.class));
    return EmbeddedFlink.start(config);
  }
}
