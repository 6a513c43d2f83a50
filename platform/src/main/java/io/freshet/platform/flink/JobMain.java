package io.freshet.platform.flink;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Iterator;

/**
 * Runs a job on the Flink cluster that the main class was submitted to. State backend, checkpoint
 * directory, parallelism and restarts are the cluster's; the rest of our settings come from the
 * command line.
 *
 * <pre>flink run ingest.jar --config freshet.yaml --set kafka.partitions=16</pre>
 */
public final class JobMain {
  private JobMain() {}

  /**
   * @param args {@code --config FILE}, {@code --profile NAME}, {@code --set KEY=VALUE}, in the
   *     order in which they are laid over the defaults
   * @throws Exception what Flink reports when the job can't be submitted
   */
  public static void run(StreamJob job, String[] args) throws Exception {
    Config config = config(args);
    FlinkConfig flink = config.section("flink", FlinkConfig.class);
    TopicAdmin.ensureTopics(config.section("kafka", KafkaConfig.class));
    new JobBlueprint(job, config, Clock.systemUTC())
        .define(JobEnvironment.anywhere(flink), flink.committedCheckpoint())
        .execute(job.name());
  }

  static Config config(String[] args) {
    Config config = Config.defaults();
    Iterator<String> words = Arrays.asList(args).iterator();
    while (words.hasNext()) {
      String option = words.next();
      if (!words.hasNext()) {
        throw new IllegalArgumentException(option + " needs a value");
      }
      String value = words.next();
      config =
          switch (option) {
            case "--config" -> config.with(Path.of(value));
            case "--profile" -> config.profile(value);
            case "--set" -> set(config, value);
            default ->
                throw new IllegalArgumentException(
                    "unknown option %s; known are --config FILE, --profile NAME, --set KEY=VALUE"
                        .formatted(option));
          };
    }
    return config;
  }

  private static Config set(Config config, String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("--set %s: write KEY=VALUE".formatted(assignment));
    }
    return config.with(assignment.substring(0, equals), assignment.substring(equals + 1));
  }
}
