package io.freshet.platform.kafka;

import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;

/** The same promises on a stock Kafka in a container; skipped where there is no Docker. */
@Testcontainers(disabledWithoutDocker = true)
class ContainerKafkaIT extends KafkaBehaviour {
  @Container
  private static final KafkaContainer KAFKA =
      new KafkaContainer("apache/kafka:4.1.0")
          .withEnv("KAFKA_MESSAGE_MAX_BYTES", String.valueOf(16 << 20));

  @Override
  String bootstrapServers() {
    return KAFKA.getBootstrapServers();
  }
}
