package io.freshet.sink.tally;

import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every topic from its beginning at {@code read_committed}, for ever, into a {@link
 * StreamTally}. Uses no consumer group: each server counts everything for itself.
 *
 * <p>Owns one thread between {@link #start} and {@link #close}. A record that can't be decoded is
 * skipped; an unreachable broker is waited for.
 */
public final class TopicFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);

  private final Properties properties = new Properties();
  private final String topicPrefix;
  private final Map<String, Consumer<ConsumerRecord<byte[], byte[]>>> handlers = new HashMap<>();
  private final Map<String, Consumer<String>> tombstones = new HashMap<>();
  private final Thread thread;
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private volatile boolean stopped;

  /**
   * @param connection what a client of this Kafka needs, the addresses above all
   */
  public TopicFollower(Properties connection, String topicPrefix, StreamTally tally) {
    this.topicPrefix = topicPrefix;
    properties.putAll(connection);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "freshet-console");
    follow(Topics.IMAGE_INGESTED, (image, at) -> tally.ingested(image, at.timestamp()));
    follow(Topics.IMAGE_REJECTED, (image, at) -> tally.rejected(image, at.timestamp()));
    follow(Topics.IMAGE_DUPLICATE, (image, at) -> tally.duplicate(image, at.timestamp()));
    follow(Topics.IMAGE_UNIQUE, (image, at) -> tally.unique(image, at.timestamp()));
    follow(Topics.IMAGE_RETRACTED, (image, at) -> tally.retracted(at.timestamp()));
    follow(Topics.IMAGE_REVOKED, (revocation, at) -> tally.revoked(revocation, at.timestamp()));
    follow(Topics.SEED_REGISTERED, (seed, at) -> tally.seed(seed));
    follow(
        Topics.IMAGE_CURATED,
        (image, at) -> tally.curated(image, at.timestamp(), at.partition(), at.offset()));
    follow(Topics.CURATION_WINDOW, (window, at) -> tally.window(window));
    follow(Topics.TRAINING_STEP, (step, at) -> tally.trained(step, at.timestamp()));
    follow(Topics.MODEL_PUBLISHED, (model, at) -> tally.published(at.timestamp()));
    follow(Topics.IMAGE_FEATURE, (feature, at) -> tally.feature(feature, at.timestamp()));
    tombstones.put(Topics.IMAGE_FEATURE.nameWith(topicPrefix), tally::featureErased);
    this.thread = new Thread(this::run, "topic-follower");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Whether the topics are being read. */
  public boolean alive() {
    return thread.isAlive();
  }

  @Override
  public void close() {
    stopped = true;
    KafkaConsumer<byte[], byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <T extends SpecificRecordBase> void follow(
      Topic<T> topic, BiConsumer<T, ConsumerRecord<?, ?>> sink) {
    RecordCodec<T> codec = RecordCodec.of(topic.recordType());
    handlers.put(
        topic.nameWith(topicPrefix), record -> sink.accept(codec.decode(record.value()), record));
  }

  private void run() {
    try (KafkaConsumer<byte[], byte[]> opened =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer = opened;
      List<TopicPartition> partitions =
          handlers.keySet().stream()
              .flatMap(topic -> opened.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      opened.assign(partitions);
      opened.seekToBeginning(partitions);
      while (!stopped) {
        opened.poll(Duration.ofMillis(500)).forEach(this::handle);
      }
    } catch (WakeupException e) {
      LOG.debug("woken up to stop");
    } finally {
      consumer = null;
    }
  }

  private void handle(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      Consumer<String> erased = tombstones.get(record.topic());
      if (erased != null && record.key() != null) {
        erased.accept(new String(record.key(), StandardCharsets.UTF_8));
      }
      return;
    }
    try {
      handlers.get(record.topic()).accept(record);
    } catch (UnreadableRecordException e) {
      skipped(record, e.getMessage());
    } catch (RuntimeException e) {
      skipped(record, e.toString());
    }
  }

  private static void skipped(ConsumerRecord<?, ?> record, String why) {
    LOG.warn(
        "skipped {}-{} offset {}: {}", record.topic(), record.partition(), record.offset(), why);
  }
}
