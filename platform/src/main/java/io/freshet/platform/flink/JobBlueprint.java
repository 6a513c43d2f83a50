package io.freshet.platform.flink;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import java.time.Clock;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/** Turns a {@link StreamJob} into the graph that Flink runs. */
final class JobBlueprint {
  private static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";

  private final StreamJob job;
  private final Config config;
  private final KafkaConfig kafka;
  private final FlinkConfig flink;
  private final Clock clock;

  JobBlueprint(StreamJob job, Config config, Clock clock) {
    if (!job.name().matches(NAME)) {
      throw new IllegalArgumentException(
          "job name '%s' doesn't match %s; directories and ids are made of it"
              .formatted(job.name(), NAME));
    }
    this.job = job;
    this.config = config;
    this.kafka = config.section("kafka", KafkaConfig.class);
    this.flink = config.section("flink", FlinkConfig.class);
    this.clock = clock;
  }

  /**
   * @param committedCheckpoint 0, or the id of a checkpoint that the guard lets pass at any age
   */
  StreamExecutionEnvironment define(Configuration settings, long committedCheckpoint) {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(settings);
    RestoreGuard guard = RestoreGuard.of(flink, committedCheckpoint, clock);
    KafkaEndpoints endpoints = new KafkaEndpoints(job.name(), kafka, flink, guard, clock);
    JobContext context = new JobContext(job.name(), environment, config, kafka, endpoints);
    job.define(context);
    context.finish();
    return environment;
  }

  StreamGraph graph(Configuration settings, long committedCheckpoint) {
    StreamGraph graph = define(settings, committedCheckpoint).getStreamGraph();
    graph.setJobName(job.name());
    return graph;
  }
}
