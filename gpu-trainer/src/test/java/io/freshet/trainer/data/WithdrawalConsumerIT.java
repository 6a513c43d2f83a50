package io.freshet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WithdrawalConsumerIT {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  private final Set<String> arrived = new TreeSet<>();

  @Test
  void knowsWhatWasWithdrawnBeforeItStartedAndHearsOfMore() throws InterruptedException {
    CLUSTER.produce(Topics.IMAGE_RETRACTED, retracted("a"));
    CLUSTER.produceRaw(Topics.IMAGE_RETRACTED, "poison", new byte[] {1, 2, 3});
    CLUSTER.produce(Topics.IMAGE_REVOKED, new Revocation(id("b"), "asked for", NOW));
    CLUSTER.produce(
        Topics.IMAGE_REVOKED, new Revocation("https://example.org/x.png", "asked for", NOW));
    try (WithdrawalConsumer consumer = new WithdrawalConsumer(CLUSTER.kafka())) {
      await(consumer, consumer::caughtUp);
      assertEquals(Set.of(id("a"), id("b")), arrived);

      CLUSTER.produce(Topics.IMAGE_RETRACTED, retracted("c"));
      await(consumer, () -> arrived.size() == 3);
      assertEquals(Set.of(id("a"), id("b"), id("c")), arrived);
    }
  }

  private void await(WithdrawalConsumer consumer, BooleanSupplier done)
      throws InterruptedException {
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    while (!done.getAsBoolean() && System.nanoTime() < deadline) {
      arrived.addAll(consumer.arrived());
      Thread.sleep(20);
    }
  }

  private static RetractedImage retracted(String digit) {
    return RetractedImage.newBuilder()
        .setImageId(id(digit))
        .setCause(RetractionCause.MERGED)
        .setAt(NOW)
        .build();
  }

  private static String id(String digit) {
    return digit.repeat(64);
  }
}
