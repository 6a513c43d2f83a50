package io.freshet.trainer.data;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code image.retracted} and {@code image.revoked} from their beginning on a thread of its
 * own, at every start anew: what was withdrawn while the trainer did not run is known before its
 * first step, see {@link #caughtUp}. A revocation that names a URL is no image's id and is passed
 * over; the command that revokes a URL also names the images that were found there.
 *
 * <p>{@link #arrived} and {@link #caughtUp} belong to the training thread, which also closes it.
 */
public final class WithdrawalConsumer implements Withdrawals, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WithdrawalConsumer.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PARTITION_CHECK = Duration.ofMinutes(1);
  private static final int QUEUE_CAPACITY = 16_384;
  private static final Pattern IMAGE_ID = Pattern.compile("[0-9a-f]{64}");

  private final KafkaConfig kafka;
  private final String retracted;
  private final List<String> topics;
  private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
  private final RecordCodec<RetractedImage> retractions = RecordCodec.of(RetractedImage.class);
  private final RecordCodec<Revocation> revocations = RecordCodec.of(Revocation.class);
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean handedAll;
  private volatile Optional<RuntimeException> failure = Optional.empty();

  /** Starts reading. */
  public WithdrawalConsumer(KafkaConfig kafka) {
    this.kafka = kafka;
    this.retracted = kafka.nameOf(Topics.IMAGE_RETRACTED);
    this.topics = List.of(retracted, kafka.nameOf(Topics.IMAGE_REVOKED));
    this.consumer = KafkaClients.rawConsumer(kafka, KafkaClients.anonymousGroup(kafka));
    this.thread = new Thread(this::run, "freshet-withdrawal-consumer");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      assignNewPartitions();
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      long nextCheck = System.nanoTime() + PARTITION_CHECK.toNanos();
      while (!stopping) {
        if (System.nanoTime() >= nextCheck) {
          assignNewPartitions();
          nextCheck = System.nanoTime() + PARTITION_CHECK.toNanos();
        }
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          Optional<String> imageId = imageId(message);
          if (imageId.isPresent()) {
            hand(imageId.get());
          }
        }
        handedAll = handedAll || reached(ends);
      }
    } catch (WakeupException | InterruptedException e) {
      if (!stopping) {
        failure = Optional.of(new IllegalStateException("reading was interrupted", e));
      }
    } catch (RuntimeException e) {
      LOG.error("reading {} failed", topics, e);
      failure = Optional.of(e);
    }
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Waits for room in the queue, or for the end. */
  private void hand(String imageId) throws InterruptedException {
    while (!stopping && !queue.offer(imageId, POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.debug("the queue is full; the trainer is slower than the withdrawals");
    }
  }

  private void assignNewPartitions() {
    List<TopicPartition> all = new ArrayList<>();
    for (String topic : topics) {
      consumer.partitionsFor(topic, kafka.operationTimeout()).stream()
          .map(info -> new TopicPartition(topic, info.partition()))
          .forEach(all::add);
    }
    List<TopicPartition> added = new ArrayList<>(all);
    added.removeAll(consumer.assignment());
    if (!added.isEmpty()) {
      consumer.assign(all);
      consumer.seekToBeginning(added);
    }
  }

  private Optional<String> imageId(ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return Optional.empty();
    }
    try {
      String target =
          message.topic().equals(retracted)
              ? retractions.decode(message.value()).getImageId()
              : revocations.decode(message.value()).getTarget();
      return Optional.of(target).filter(id -> IMAGE_ID.matcher(id).matches());
    } catch (UnreadableRecordException e) {
      LOG.warn(
          "record {}/{}@{} left out: {}",
          message.topic(),
          message.partition(),
          message.offset(),
          e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public Collection<String> arrived() {
    failure.ifPresent(
        cause -> {
          throw new IllegalStateException("withdrawals can't be read any more", cause);
        });
    List<String> arrived = new ArrayList<>();
    queue.drainTo(arrived);
    return arrived;
  }

  /** Whether what was withdrawn before the start has all been returned by {@link #arrived}. */
  public boolean caughtUp() {
    return handedAll && queue.isEmpty();
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
