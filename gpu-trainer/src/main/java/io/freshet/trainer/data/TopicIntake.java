package io.freshet.trainer.data;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics on a thread of its own: committed records only, from offsets that are given, so that
 * Kafka's group offsets play no part. What is made of the records waits in a bounded queue, so a
 * slow taker slows the reading down.
 *
 * <p>Everything public belongs to one thread, which also closes it.
 */
final class TopicIntake<E> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicIntake.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PARTITION_CHECK = Duration.ofMinutes(1);

  private final KafkaConfig kafka;
  private final String what;
  private final List<String> topics;
  private final Start start;
  private final Function<ConsumerRecord<byte[], byte[]>, Optional<E>> reading;
  private final BlockingQueue<E> queue;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean handedAll;
  private volatile Optional<RuntimeException> failure = Optional.empty();

  /**
   * Where reading begins.
   *
   * @param share which partitions are read
   * @param offset the next offset of a partition
   */
  record Start(IntPredicate share, IntToLongFunction offset) {
    /** All partitions from their beginning. */
    static final Start BEGINNING = new Start(partition -> true, partition -> 0);
  }

  /**
   * Starts reading.
   *
   * @param what is read, for messages and the thread's name
   * @param topics their names with the prefix
   * @param reading what a record amounts to, or nothing; called on the reading thread
   * @param queueCapacity elements that may wait, at least 1
   */
  TopicIntake(
      KafkaConfig kafka,
      String what,
      List<String> topics,
      Start start,
      Function<ConsumerRecord<byte[], byte[]>, Optional<E>> reading,
      int queueCapacity) {
    this.kafka = kafka;
    this.what = what;
    this.topics = List.copyOf(topics);
    this.start = start;
    this.reading = reading;
    this.queue = new ArrayBlockingQueue<>(queueCapacity);
    this.consumer = KafkaClients.rawConsumer(kafka, KafkaClients.anonymousGroup(kafka));
    this.thread = new Thread(this::run, "freshet-intake-of-" + what.replace(' ', '-'));
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
          Optional<E> element = reading.apply(message);
          if (element.isPresent()) {
            hand(element.get());
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
  private void hand(E element) throws InterruptedException {
    while (!stopping && !queue.offer(element, POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.debug("the queue is full; the trainer is slower than {}", what);
    }
  }

  private void assignNewPartitions() {
    List<TopicPartition> all = new ArrayList<>();
    for (String topic : topics) {
      consumer.partitionsFor(topic, kafka.operationTimeout()).stream()
          .filter(info -> start.share().test(info.partition()))
          .map(info -> new TopicPartition(topic, info.partition()))
          .forEach(all::add);
    }
    List<TopicPartition> added = new ArrayList<>(all);
    added.removeAll(consumer.assignment());
    if (!added.isEmpty()) {
      consumer.assign(all);
      added.forEach(tp -> consumer.seek(tp, start.offset().applyAsLong(tp.partition())));
    }
  }

  /**
   * What has come since the last call; perhaps nothing.
   *
   * @throws IllegalStateException when reading failed
   */
  List<E> arrived() {
    rethrow();
    List<E> arrived = new ArrayList<>();
    queue.drainTo(arrived);
    return arrived;
  }

  /** As {@link #arrived}, but waits up to {@code patience} for the first element. */
  List<E> await(Duration patience) throws InterruptedException {
    rethrow();
    List<E> arrived = new ArrayList<>();
    E first = queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      arrived.add(first);
      queue.drainTo(arrived);
    }
    return arrived;
  }

  private void rethrow() {
    failure.ifPresent(
        cause -> {
          throw new IllegalStateException(what + " can't be read any more", cause);
        });
  }

  /** Whether what was there at the start has all been returned. */
  boolean caughtUp() {
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
