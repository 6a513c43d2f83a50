package io.freshet.platform.kafka;

import io.freshet.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads a topic from its beginning to the end that it had when the call began, committed records
 * only. The end is the last stable offset: what an open transaction wrote, or wrote after, is not
 * there yet. Tombstones are left out. Each call reads anew; no state, no consumer group.
 */
public final class TopicReader<T extends SpecificRecordBase> {
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConfig kafka;
  private final Topic<T> topic;

  public TopicReader(KafkaConfig kafka, Topic<T> topic) {
    this.kafka = kafka;
    this.topic = topic;
  }

  /** All records, in order within a partition, partitions interleaved. Fits in memory or fails. */
  public List<T> readAll() {
    List<T> values = new ArrayList<>();
    forEach(message -> values.add(message.value()));
    return values;
  }

  public Stream<T> stream() {
    return readAll().stream();
  }

  /** The newest record of each key; what a compacted topic means. */
  public Map<String, T> latestByKey() {
    Map<String, T> latest = new HashMap<>();
    latestMessages().forEach((key, message) -> latest.put(key, message.value()));
    return latest;
  }

  /** As {@link #latestByKey}, with the coordinates. */
  public Map<String, ConsumerRecord<String, T>> latestMessages() {
    Map<String, ConsumerRecord<String, T>> latest = new HashMap<>();
    visit(
        message -> {
          if (message.value() == null) {
            latest.remove(message.key());
          } else {
            latest.put(message.key(), message);
          }
        });
    return latest;
  }

  /** Number of records; reads them all. */
  public long count() {
    long[] count = {0};
    forEach(message -> count[0]++);
    return count[0];
  }

  /** Visits all records with their coordinates, holding none. */
  public void forEach(Consumer<ConsumerRecord<String, T>> visitor) {
    visit(
        message -> {
          if (message.value() != null) {
            visitor.accept(message);
          }
        });
  }

  /**
   * @throws TimeoutException when no progress is made for {@link KafkaConfig#operationTimeout}
   */
  private void visit(Consumer<ConsumerRecord<String, T>> visitor) {
    try (KafkaConsumer<String, T> consumer =
        KafkaClients.consumer(kafka, topic, KafkaClients.anonymousGroup(kafka))) {
      String name = kafka.nameOf(topic);
      List<TopicPartition> partitions =
          consumer.partitionsFor(name, kafka.operationTimeout()).stream()
              .map(info -> new TopicPartition(name, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, kafka.operationTimeout());
      long deadline = deadline();
      long before = -1;
      while (!reached(consumer, ends)) {
        consumer.poll(POLL).forEach(visitor);
        long position = partitions.stream().mapToLong(consumer::position).sum();
        if (position != before) {
          before = position;
          deadline = deadline();
        } else if (System.nanoTime() > deadline) {
          throw new TimeoutException(
              "%s: nothing read for %s before the end %s was reached"
                  .formatted(name, kafka.operationTimeout(), ends));
        }
      }
    }
  }

  private long deadline() {
    return System.nanoTime() + kafka.operationTimeout().toNanos();
  }

  private static boolean reached(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
