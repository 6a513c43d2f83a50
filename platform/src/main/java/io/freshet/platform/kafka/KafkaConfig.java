package io.freshet.platform.kafka;

import io.freshet.platform.config.DataSize;
import io.freshet.schemas.Topic;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Section {@code kafka}: which Kafka, and how our topics lie on it. Flink operators may carry it.
 *
 * @param bootstrapServers {@code host:port,...}
 * @param topicPrefix put before every topic, consumer group and transactional id
 * @param partitions of each topic that is created, 1..1000
 * @param replication of each topic that is created, 1..10
 * @param maxRecord largest record; the broker's limit must not be lower
 * @param compression none, gzip, snappy, lz4 or zstd
 * @param operationTimeout how long a call to the cluster may take before it is an error
 * @param clientProperties given to every client as they are, for security settings above all
 */
public record KafkaConfig(
    String bootstrapServers,
    String topicPrefix,
    int partitions,
    short replication,
    DataSize maxRecord,
    String compression,
    Duration operationTimeout,
    Map<String, String> clientProperties)
    implements Serializable {

  public KafkaConfig {
    if (bootstrapServers.isBlank()) {
      throw new IllegalArgumentException("bootstrap_servers is empty; write host:port");
    }
    if (!topicPrefix.matches("[a-zA-Z0-9._-]{0,64}")) {
      throw new IllegalArgumentException(
          "topic_prefix is '%s'; Kafka takes letters, digits, '.', '_' and '-' (64 at most)"
              .formatted(topicPrefix));
    }
    requireRange("partitions", partitions, 1000);
    requireRange("replication", replication, 10);
    if (maxRecord.bytes() < 1024 || maxRecord.bytes() > 100 << 20) {
      throw new IllegalArgumentException(
          "max_record is %s; write 1KiB..100MiB".formatted(maxRecord));
    }
    if (operationTimeout.toMillis() < 1000) {
      throw new IllegalArgumentException(
          "operation_timeout is %s; write 1s or more".formatted(operationTimeout));
    }
    clientProperties = Map.copyOf(clientProperties);
  }

  /** Name of the topic on this Kafka. */
  public String nameOf(Topic<?> topic) {
    return topic.nameWith(topicPrefix);
  }

  /** What every client of this Kafka needs. */
  public Properties connection() {
    Properties properties = new Properties();
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    clientProperties.forEach(properties::setProperty);
    return properties;
  }

  private static void requireRange(String key, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException("%s is %d; write 1..%d".formatted(key, value, most));
    }
  }
}
