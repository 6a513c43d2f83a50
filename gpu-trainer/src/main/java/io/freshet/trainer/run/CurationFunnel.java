package io.freshet.trainer.run;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.Topics;
import io.freshet.trainer.release.DataFunnel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds up {@code curation.window}: each call goes on where the one before stopped, so that only the
 * first reads the topic whole. One thread at a time; holds no connection between calls.
 */
final class CurationFunnel {
  private static final Logger LOG = LoggerFactory.getLogger(CurationFunnel.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConfig kafka;
  private final Duration patience;
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private DataFunnel sum = DataFunnel.EMPTY;

  /**
   * @param patience how long a call reads at most; the rest is left to the next one
   */
  CurationFunnel(KafkaConfig kafka, Duration patience) {
    this.kafka = kafka;
    this.patience = patience;
  }

  /** The sum of the windows that are closed now; empty when none can be read. */
  Optional<DataFunnel> read() {
    long deadline = System.nanoTime() + patience.toNanos();
    try (KafkaConsumer<String, CurationWindow> consumer =
        KafkaClients.consumer(kafka, Topics.CURATION_WINDOW, KafkaClients.anonymousGroup(kafka))) {
      String topic = kafka.nameOf(Topics.CURATION_WINDOW);
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, kafka.operationTimeout()).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      Map<TopicPartition, Long> first =
          consumer.beginningOffsets(partitions, kafka.operationTimeout());
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, kafka.operationTimeout());
      consumer.assign(partitions);
      partitions.forEach(p -> consumer.seek(p, positions.getOrDefault(p, first.get(p))));
      boolean reached = reached(consumer, ends);
      while (!reached && System.nanoTime() < deadline) {
        for (ConsumerRecord<String, CurationWindow> message : consumer.poll(POLL)) {
          sum = message.value() == null ? sum : sum.plus(message.value());
          positions.put(
              new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
        }
        reached = reached(consumer, ends);
      }
      return Optional.of(sum.completely(reached));
    } catch (KafkaException e) {
      LOG.warn("curation.window can't be read; the next model card says less of the data", e);
      return sum.windows() == 0 ? Optional.empty() : Optional.of(sum.completely(false));
    }
  }

  private static boolean reached(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
