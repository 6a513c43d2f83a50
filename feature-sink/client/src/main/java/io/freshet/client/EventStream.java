package io.freshet.client;

import io.freshet.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads compacted topics from their beginning and goes on for ever; what can't be read is counted,
 * and what is refused is handed out again. One owner thread.
 */
abstract class EventStream<E> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final int MAX_SPACES_COUNTED = 1_000;

  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, Long> passedOver = new TreeMap<>();
  private long unreadable;

  /** The key of a feature: {@code image_id|space_id}. */
  record FeatureKey(String imageId, String space) {
    /**
     * @throws IllegalArgumentException when the bytes are none
     */
    static FeatureKey of(byte[] bytes) {
      String key = new String(bytes, StandardCharsets.UTF_8);
      int bar = key.indexOf('|');
      if (bar < 0) {
        throw new IllegalArgumentException("the key '%.100s' is not image|space".formatted(key));
      }
      return new FeatureKey(key.substring(0, bar), key.substring(bar + 1));
    }
  }

  /**
   * @param consumer assigned to nothing yet; closed with the stream
   * @param topics with their prefix
   */
  EventStream(Consumer<byte[], byte[]> consumer, String... topics) {
    this.consumer = consumer;
    List<TopicPartition> partitions =
        Stream.of(topics)
            .flatMap(topic -> partitions(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private List<PartitionInfo> partitions(String topic) {
    List<PartitionInfo> partitions = consumer.partitionsFor(topic);
    if (partitions == null || partitions.isEmpty()) {
      throw new IllegalArgumentException(
          "the broker has no topic %s; check its address and the prefix".formatted(topic));
    }
    return partitions;
  }

  /** A consumer that sees committed records only and keeps no offsets. The caller closes it. */
  static Consumer<byte[], byte[]> consumer(Properties connection) {
    Properties properties = new Properties();
    properties.putAll(connection);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * What a record tells; empty when it is nothing to the receiver.
   *
   * @throws IllegalArgumentException when it can't be understood
   */
  abstract Optional<E> event(ConsumerRecord<byte[], byte[]> message);

  /** Counts a record of another space. */
  final void passOver(String space) {
    if (passedOver.size() < MAX_SPACES_COUNTED || passedOver.containsKey(space)) {
      passedOver.merge(space, 1L, Long::sum);
    }
  }

  /**
   * What came in meanwhile, in order within an image; waits at most this long for the first.
   *
   * @throws SpaceRefusedException as the policy says; nothing is lost, the next call begins with
   *     the same records
   */
  public final List<E> poll(Duration most) {
    Map<TopicPartition, Long> before = new TreeMap<>(EventStream::order);
    consumer.assignment().forEach(p -> before.put(p, consumer.position(p)));
    List<E> events = new ArrayList<>();
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(most)) {
        read(record).ifPresent(events::add);
      }
    } catch (SpaceRefusedException e) {
      before.forEach(consumer::seek);
      throw e;
    }
    return events;
  }

  private static int order(TopicPartition a, TopicPartition b) {
    int topics = a.topic().compareTo(b.topic());
    return topics != 0 ? topics : Integer.compare(a.partition(), b.partition());
  }

  private Optional<E> read(ConsumerRecord<byte[], byte[]> message) {
    try {
      return event(message);
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      unreadable++;
      LOG.warn(
          "passed over {}-{} offset {}: {}",
          message.topic(),
          message.partition(),
          message.offset(),
          e.getMessage());
      return Optional.empty();
    }
  }

  /** Whether everything that was committed when asked has been handed out. */
  public final boolean caughtUp() {
    return consumer.endOffsets(consumer.assignment()).entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** How many features of which other space were passed over. */
  public final Map<String, Long> passedOver() {
    return Map.copyOf(passedOver);
  }

  /** How many records could not be read; each was logged with its place. */
  public final long unreadable() {
    return unreadable;
  }

  @Override
  public final void close() {
    consumer.close();
  }
}
