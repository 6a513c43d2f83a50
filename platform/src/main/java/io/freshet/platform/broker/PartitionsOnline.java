package io.freshet.platform.broker;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Waits for a broker that has just started to lead all its partitions. It accepts connections
 * before that, and what it refuses then costs clients retries.
 */
final class PartitionsOnline {
  private PartitionsOnline() {}

  static void await(String bootstrapServers, Duration most) {
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            (int) most.toMillis());
    try (Admin admin = Admin.create(settings)) {
      Set<String> topics =
          admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      admin.describeTopics(topics).allTopicNames().get().values().stream()
          .forEach(topic -> addPartitions(topic, ends));
      // Only the leader answers this; the client asks again until one does.
      admin.listOffsets(ends).all().get();
    } catch (ExecutionException e) {
      throw new KafkaException("partitions didn't come online: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while partitions came online", e);
    }
  }

  private static void addPartitions(TopicDescription topic, Map<TopicPartition, OffsetSpec> ends) {
    topic
        .partitions()
        .forEach(
            partition ->
                ends.put(
                    new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest()));
  }
}
