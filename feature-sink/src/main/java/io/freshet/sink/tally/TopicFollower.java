package io.freshet.sink.tally;

import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.Consumer;
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
 * skipped. A broker that is away, at the start or later, is waited for, with pauses of {@value
 * #FIRST_PAUSE_MILLIS} ms doubling to {@value #LONGEST_PAUSE_MILLIS} ms; reading goes on where it
 * was, so that nothing is counted twice. Partitions and topics that appear later are read, too.
 */
public final class TopicFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  /** How often the broker is asked for new partitions and whether it is there. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** How long the broker may take for one answer. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private static final Duration POLL = Duration.ofMillis(500);

  /** How long the broker may say nothing before what was counted is called stale. */
  static final Duration SILENCE = Duration.ofSeconds(20);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final InstantSource clock;
  private final String topicPrefix;
  private final Map<String, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>>> handlers =
      new HashMap<>();
  private final Map<String, java.util.function.Consumer<String>> tombstones = new HashMap<>();

  /** The next offset of each partition that was read from. Of the thread. */
  private final Map<TopicPartition, Long> next = new HashMap<>();

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private volatile Consumer<byte[], byte[]> consumer;
  private volatile Instant heard;

  /**
   * @param connection what a client of this Kafka needs, the addresses above all
   */
  public TopicFollower(Properties connection, String topicPrefix, StreamTally tally) {
    this(consumers(connection), InstantSource.system(), topicPrefix, tally);
  }

  TopicFollower(
      Supplier<Consumer<byte[], byte[]>> consumers,
      InstantSource clock,
      String topicPrefix,
      StreamTally tally) {
    this.consumers = consumers;
    this.clock = clock;
    this.topicPrefix = topicPrefix;
    this.heard = clock.instant();
    follow(Topics.IMAGE_INGESTED, (image, at) -> tally.ingested(image, at.timestamp()));
    follow(Topics.IMAGE_REJECTED, (image, at) -> tally.rejected(image, at.timestamp()));
    follow(Topics.IMAGE_DUPLICATE, (image, at) -> tally.duplicate(image, at.timestamp()));
    follow(Topics.IMAGE_UNIQUE, (image, at) -> tally.unique(image, at.timestamp()));
    follow(Topics.IMAGE_RETRACTED, (image, at) -> tally.retracted(image, at.timestamp()));
    follow(Topics.IMAGE_REVOKED, (revocation, at) -> tally.revoked(revocation, at.timestamp()));
    follow(Topics.SEED_REGISTERED, (seed, at) -> tally.seed(seed));
    follow(
        Topics.IMAGE_CURATED,
        (image, at) -> tally.curated(image, at.timestamp(), at.partition(), at.offset()));
    follow(Topics.IMAGE_PASSED, (image, at) -> tally.passed(image));
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

  /**
   * Since when the topics can't be read; empty while they are, and in the first {@link #SILENCE} of
   * a broker's silence.
   */
  public Optional<Instant> staleSince() {
    Instant last = heard;
    return last.plus(SILENCE).isBefore(clock.instant()) ? Optional.of(last) : Optional.empty();
  }

  @Override
  public void close() {
    stopped.countDown();
    Consumer<byte[], byte[]> current = consumer;
    if (current != null) {
      current.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Supplier<Consumer<byte[], byte[]>> consumers(Properties connection) {
    Properties properties = new Properties();
    properties.putAll(connection);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "freshet-console");
    // Partitions are looked for in the metadata, which must not be older than a look or two.
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, (int) LOOK.multipliedBy(2).toMillis());
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER.toMillis());
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) ANSWER.toMillis());
    return () ->
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private <T extends SpecificRecordBase> void follow(
      Topic<T> topic, BiConsumer<T, ConsumerRecord<?, ?>> sink) {
    RecordCodec<T> codec = RecordCodec.of(topic.recordType());
    handlers.put(
        topic.nameWith(topicPrefix), record -> sink.accept(codec.decode(record.value()), record));
  }

  private void run() {
    long pause = FIRST_PAUSE_MILLIS;
    while (isRunning()) {
      Instant before = heard;
      try (Consumer<byte[], byte[]> opened = consumers.get()) {
        consumer = opened;
        read(opened);
      } catch (WakeupException e) {
        LOG.debug("woken up to stop");
      } catch (Exception e) {
        pause = heard.isAfter(before) ? FIRST_PAUSE_MILLIS : pause;
        LOG.warn("the topics can't be read, next try in {} ms: {}", pause, e.toString());
        pause(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      } finally {
        consumer = null;
      }
    }
  }

  private boolean isRunning() {
    return stopped.getCount() > 0;
  }

  private void pause(long millis) {
    try {
      boolean unused = stopped.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopped.countDown();
    }
  }

  private void read(Consumer<byte[], byte[]> from) {
    Instant looked = Instant.MIN;
    while (isRunning()) {
      if (!clock.instant().isBefore(looked.plus(LOOK))) {
        look(from);
        looked = clock.instant();
      }
      from.poll(POLL).forEach(this::handle);
    }
  }

  /**
   * Asks for partitions that aren't read yet, and every leader whether it is there: a poll alone
   * does not tell silence from rest.
   */
  private void look(Consumer<byte[], byte[]> from) {
    Set<TopicPartition> all =
        handlers.keySet().stream()
            .flatMap(topic -> from.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .collect(Collectors.toSet());
    Set<TopicPartition> added = new HashSet<>(all);
    added.removeAll(from.assignment());
    if (!added.isEmpty()) {
      // What was assigned keeps its position.
      all.addAll(from.assignment());
      from.assign(all);
      added.forEach(partition -> start(from, partition));
    }
    from.endOffsets(all);
    heard = clock.instant();
  }

  private void start(Consumer<byte[], byte[]> from, TopicPartition partition) {
    Long position = next.get(partition);
    if (position == null) {
      from.seekToBeginning(List.of(partition));
    } else {
      from.seek(partition, position);
    }
  }

  private void handle(ConsumerRecord<byte[], byte[]> record) {
    next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
    if (record.value() == null) {
      java.util.function.Consumer<String> erased = tombstones.get(record.topic());
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
