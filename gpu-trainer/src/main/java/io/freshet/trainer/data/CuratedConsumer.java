package io.freshet.trainer.data;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code image.curated} on a thread of its own: committed records only, from offsets that the
 * checkpoint holds, so that Kafka's group offsets play no part. Each record's image is read once,
 * so that what can't be read never enters the buffer. The queue is bounded: a slow trainer slows it
 * down.
 *
 * <p>{@link #arrived} and {@link #await} belong to the training thread, which also closes it.
 */
public final class CuratedConsumer implements OffsetReplay.Source, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CuratedConsumer.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PARTITION_CHECK = Duration.ofMinutes(1);

  private final KafkaConfig kafka;
  private final ImageLibrary images;
  private final Map<Integer, Long> start;
  private final IntPredicate share;
  private final BlockingQueue<Admission> queue;
  private final RecordCodec<CuratedImage> codec = RecordCodec.of(CuratedImage.class);
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final AtomicLong unreadable = new AtomicLong();
  private volatile boolean stopping;
  private volatile Optional<RuntimeException> failure = Optional.empty();

  /**
   * Starts reading.
   *
   * @param offsets next offset of each partition; partitions that are missing start at 0
   * @param queueCapacity records that may wait, at least 1
   */
  public CuratedConsumer(
      KafkaConfig kafka, ImageLibrary images, Map<Integer, Long> offsets, int queueCapacity) {
    this(kafka, images, offsets, queueCapacity, partition -> true);
  }

  /**
   * Starts reading a share of the partitions.
   *
   * @param offsets next offset of each partition; partitions that are missing start at 0
   * @param queueCapacity records that may wait, at least 1
   * @param share which partitions are read
   */
  public CuratedConsumer(
      KafkaConfig kafka,
      ImageLibrary images,
      Map<Integer, Long> offsets,
      int queueCapacity,
      IntPredicate share) {
    this.kafka = kafka;
    this.images = images;
    this.start = new TreeMap<>(offsets);
    this.share = share;
    this.queue = new ArrayBlockingQueue<>(queueCapacity);
    this.consumer = KafkaClients.rawConsumer(kafka, KafkaClients.anonymousGroup(kafka));
    this.thread = new Thread(this::run, "freshet-curated-consumer");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      long nextCheck = System.nanoTime();
      while (!stopping) {
        if (System.nanoTime() >= nextCheck) {
          assignNewPartitions();
          nextCheck = System.nanoTime() + PARTITION_CHECK.toNanos();
        }
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          hand(admission(message));
        }
      }
    } catch (WakeupException | InterruptedException e) {
      if (!stopping) {
        failure = Optional.of(new IllegalStateException("reading was interrupted", e));
      }
    } catch (RuntimeException e) {
      LOG.error("reading {} failed", kafka.nameOf(Topics.IMAGE_CURATED), e);
      failure = Optional.of(e);
    }
  }

  /** Waits for room in the queue, or for the end. */
  private void hand(Admission admission) throws InterruptedException {
    while (!stopping && !queue.offer(admission, POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.debug("the queue is full; the trainer is slower than the stream");
    }
  }

  private void assignNewPartitions() {
    String topic = kafka.nameOf(Topics.IMAGE_CURATED);
    List<TopicPartition> all =
        consumer.partitionsFor(topic, kafka.operationTimeout()).stream()
            .filter(info -> share.test(info.partition()))
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    List<TopicPartition> added = new ArrayList<>(all);
    added.removeAll(consumer.assignment());
    if (!added.isEmpty()) {
      consumer.assign(all);
      added.forEach(tp -> consumer.seek(tp, start.getOrDefault(tp.partition(), 0L)));
    }
  }

  private Admission admission(ConsumerRecord<byte[], byte[]> message) {
    return new Admission(message.partition(), message.offset(), sample(message));
  }

  private Optional<Sample> sample(ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return Optional.empty();
    }
    try {
      CuratedImage curated = codec.decode(message.value());
      if (images.read(curated.getBlob()).isPresent()) {
        return Optional.of(Sample.of(curated));
      }
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      LOG.warn("record {}@{} left out: {}", message.partition(), message.offset(), e.getMessage());
    }
    unreadable.incrementAndGet();
    return Optional.empty();
  }

  @Override
  public List<Admission> arrived() {
    rethrow();
    List<Admission> arrived = new ArrayList<>();
    queue.drainTo(arrived);
    return arrived;
  }

  @Override
  public List<Admission> await(Duration patience) throws InterruptedException {
    rethrow();
    List<Admission> arrived = new ArrayList<>();
    Admission first = queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      arrived.add(first);
      queue.drainTo(arrived);
    }
    return arrived;
  }

  private void rethrow() {
    failure.ifPresent(
        cause -> {
          throw new IllegalStateException("the curated stream can't be read any more", cause);
        });
  }

  /** Records that were left out: undecodable, or their image missing or altered. */
  public long unreadable() {
    return unreadable.get();
  }

  /** Stops the thread and waits for it. */
  @Override
  public void close() {
    stopping = true;
    consumer.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
