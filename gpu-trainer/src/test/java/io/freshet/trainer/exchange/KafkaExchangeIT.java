package io.freshet.trainer.exchange;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.trainer.exchange.ExchangeMessage.Close;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeMessage.Join;
import io.freshet.trainer.exchange.ExchangeMessage.Leave;
import io.freshet.trainer.exchange.ExchangeMessage.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The log on a real broker, the tensors in a real blob store. */
class KafkaExchangeIT {
  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @TempDir private Path dir;

  private Exchange open(BlobStore blobs, String group, String name) {
    KafkaConfig kafka = CLUSTER.kafka();
    return new KafkaExchange(kafka, blobs, group, name, Clock.systemUTC());
  }

  private BlobStore blobs() {
    return BlobStores.open(new BlobConfig(dir, new DataSize(64 << 20)));
  }

  private static List<ExchangeMessage> read(Exchange exchange, int count) throws Exception {
    List<ExchangeMessage> messages = new ArrayList<>();
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    while (messages.size() < count) {
      assertTrue(System.nanoTime() < deadline, () -> "only " + messages);
      messages.addAll(exchange.poll(Duration.ofMillis(200)));
    }
    return messages;
  }

  @Test
  void everybodyReadsTheGroupsMessagesInOneOrderFromTheBeginning() throws Exception {
    try (BlobStore blobs = blobs();
        Exchange a = open(blobs, "order", "a");
        Exchange b = open(blobs, "order", "b");
        Exchange stranger = open(blobs, "others", "c")) {
      List<BlobRef> payload = a.store(List.of(new float[] {1, 2}));
      List<ExchangeMessage> expected =
          List.of(
              new Join("a"),
              new Join("b"),
              new State("a", 0, 0, payload),
              new Delta("b", 0, -7, 64, payload),
              new Close("b", 0),
              new Leave("a"));
      for (ExchangeMessage message : expected) {
        stranger.append(message);
        (message.worker().equals("a") ? a : b).append(message);
      }
      assertEquals(expected, read(a, expected.size()));
      assertEquals(expected, read(b, expected.size()));
      try (Exchange late = open(blobs, "order", "d")) {
        assertEquals(expected, read(late, expected.size()));
      }
    }
  }

  @Test
  void arraysOfAnySizeComeBackBitForBit() {
    float[] large = new float[(4 << 20) + 3];
    IntStream.range(0, large.length).forEach(i -> large[i] = Float.intBitsToFloat(i * 31));
    float[] small = {Float.NaN, -0f, Float.MIN_VALUE};
    try (BlobStore blobs = blobs();
        Exchange writer = open(blobs, "bits", "w");
        Exchange reader = open(blobs, "bits", "r")) {
      List<BlobRef> payload = writer.store(List.of(small, large, new float[0]));
      List<float[]> back = reader.load(payload, 3, large.length, 0);
      assertArrayEquals(small, back.get(0));
      assertArrayEquals(large, back.get(1));
      assertEquals(0, back.get(2).length);
      assertThrows(IllegalStateException.class, () -> reader.load(payload, 3));
      assertThrows(IllegalStateException.class, () -> reader.load(payload, 2, large.length, 0));
      IllegalStateException refusal =
          assertThrows(IllegalStateException.class, () -> reader.load(payload, 3, large.length, 1));
      assertTrue(refusal.getMessage().contains("another model"), refusal.getMessage());
    }
  }

  @Test
  void tensorsThatAreGoneAreAnErrorNotAGuess() throws Exception {
    try (BlobStore blobs = blobs();
        Exchange exchange = open(blobs, "gone", "g")) {
      List<BlobRef> payload = exchange.store(List.of(new float[] {1}));
      Files.delete(dir.resolve(payload.get(0).getShard()));
      assertThrows(IllegalStateException.class, () -> exchange.load(payload, 1));
    }
  }
}
