package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicFollowerTest {
  private static final String TOPIC = Topics.IMAGE_REVOKED.nameWith("t.");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Deque<Consumer<byte[], byte[]>> consumers = new ArrayDeque<>();
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final StreamTally tally = new StreamTally(() -> now, 10, new StoredFeatures(1 << 16));
  private final TopicFollower follower = new TopicFollower(this::consumer, () -> now, "t.", tally);

  @AfterEach
  void close() {
    follower.close();
  }

  /** The next one that was prepared; without one the broker is away. */
  private synchronized Consumer<byte[], byte[]> consumer() {
    if (consumers.isEmpty()) {
      throw new KafkaException("no broker");
    }
    return consumers.remove();
  }

  private synchronized void prepare(Consumer<byte[], byte[]> consumer) {
    consumers.add(consumer);
  }

  private static MockConsumer<byte[], byte[]> broker(int partitions) {
    MockConsumer<byte[], byte[]> broker = new MockConsumer<>("earliest");
    partitions(broker, partitions);
    return broker;
  }

  private static void partitions(MockConsumer<byte[], byte[]> broker, int count) {
    broker.updatePartitions(
        TOPIC,
        IntStream.range(0, count)
            .mapToObj(i -> new PartitionInfo(TOPIC, i, null, null, null))
            .toList());
    for (int i = 0; i < count; i++) {
      broker.updateBeginningOffsets(Map.of(new TopicPartition(TOPIC, i), 0L));
      broker.updateEndOffsets(Map.of(new TopicPartition(TOPIC, i), 0L));
    }
  }

  private static void deliver(MockConsumer<byte[], byte[]> broker, int partition, long offset) {
    byte[] value =
        RecordCodec.of(Revocation.class).encode(new Revocation("x", "asked", Instant.EPOCH));
    broker.addRecord(new ConsumerRecord<>(TOPIC, partition, offset, new byte[0], value));
  }

  private long read() {
    return tally.overview(List.of(), null, List.of(), null).counts().get("revoked");
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it never happened");
      Thread.sleep(10);
    }
  }

  @Test
  void waitsForABrokerThatIsAwayAtTheStart() throws Exception {
    follower.start();
    Thread.sleep(50);
    MockConsumer<byte[], byte[]> broker = broker(1);
    broker.schedulePollTask(() -> deliver(broker, 0, 0));
    prepare(broker);
    await(() -> read() == 1);
  }

  @Test
  void goesOnWhereItWasAfterAFailureAndCountsNothingTwice() throws Exception {
    MockConsumer<byte[], byte[]> first = broker(2);
    first.schedulePollTask(
        () -> {
          deliver(first, 0, 0);
          deliver(first, 0, 1);
          deliver(first, 1, 0);
        });
    first.schedulePollTask(() -> first.setPollException(new KafkaException("the broker fell")));
    MockConsumer<byte[], byte[]> second = broker(2);
    second.schedulePollTask(
        () -> {
          assertEquals(2, second.position(new TopicPartition(TOPIC, 0)));
          for (long offset = 0; offset < 3; offset++) {
            deliver(second, 0, offset);
          }
          deliver(second, 1, 1);
        });
    prepare(first);
    prepare(second);
    follower.start();
    await(() -> read() >= 5);
    assertEquals(5, read());
    assertTrue(first.closed());
  }

  @Test
  void readsPartitionsThatWereAddedLater() throws Exception {
    MockConsumer<byte[], byte[]> broker = broker(1);
    broker.schedulePollTask(
        () -> {
          deliver(broker, 0, 0);
          partitions(broker, 2);
          now = now.plusSeconds(10);
        });
    prepare(broker);
    follower.start();
    await(() -> broker.assignment().contains(new TopicPartition(TOPIC, 1)));
    broker.schedulePollTask(() -> deliver(broker, 1, 0));
    await(() -> read() == 2);
  }

  @Test
  void saysSinceWhenTheBrokerIsSilent() throws Exception {
    Instant start = now;
    MockConsumer<byte[], byte[]> broker = broker(1);
    broker.schedulePollTask(() -> deliver(broker, 0, 0));
    prepare(broker);
    follower.start();
    await(() -> read() == 1);
    assertEquals(Optional.empty(), follower.staleSince());
    broker.setOffsetsException(new TimeoutException("no leader answers"));
    now = start.plus(TopicFollower.SILENCE).plusSeconds(1);
    await(broker::closed);
    assertEquals(Optional.of(start), follower.staleSince());
    prepare(broker(1));
    await(() -> follower.staleSince().isEmpty());
  }
}
