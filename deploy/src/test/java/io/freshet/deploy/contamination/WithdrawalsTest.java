package io.freshet.deploy.contamination;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WithdrawalsTest {
  private static final Instant EARLY = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant LATE = Instant.parse("2026-11-02T00:00:00Z");

  private final Withdrawals withdrawals = new Withdrawals();

  @Test
  void whatWasMergedIntoAWithdrawnImageIsWithdrawnWithIt() {
    merged("a", "b");
    merged("b", "c");
    merged("d", "c");
    withdrawnFor("c", "oxford");
    merged("unconcerned", "other");
    Withdrawal inherited = new Withdrawal(LATE, Optional.of("oxford"), Optional.of("c"));
    assertEquals(
        Map.of(
            "a", inherited,
            "b", inherited,
            "c", new Withdrawal(LATE, Optional.of("oxford"), Optional.empty()),
            "d", inherited),
        withdrawals.all());
  }

  @Test
  void theOrderOfRecordsOfSeveralPartitionsDoesNotMatter() {
    withdrawnFor("c", "oxford");
    merged("b", "c");
    merged("a", "b");
    assertEquals(Set.of("a", "b", "c"), withdrawals.all().keySet());
  }

  @Test
  void theImagesOwnWithdrawalCountsFirst() {
    merged("a", "b");
    withdrawnFor("a", "paris");
    withdrawnFor("b", "oxford");
    assertEquals(Optional.of("paris"), withdrawals.all().get("a").dataset());
    assertEquals(Optional.empty(), withdrawals.all().get("a").mergedInto());
  }

  @Test
  void endsWhereImagesWereMergedInACircle() {
    merged("a", "b");
    merged("b", "a");
    withdrawnFor("b", "oxford");
    assertEquals(Set.of("a", "b"), withdrawals.all().keySet());
  }

  @Test
  void aRevokedOrMergedImageAloneIsNotWithdrawnForABenchmark() {
    withdrawals.add(
        RetractedImage.newBuilder()
            .setImageId("a")
            .setCause(RetractionCause.REVOKED)
            .setAt(EARLY)
            .build());
    withdrawals.add(
        RetractedImage.newBuilder()
            .setImageId("b")
            .setCause(RetractionCause.MERGED)
            .setAt(EARLY)
            .build());
    merged("c", "a");
    assertEquals(Map.of(), withdrawals.all());
  }

  private void merged(String image, String kept) {
    withdrawals.add(
        RetractedImage.newBuilder()
            .setImageId(image)
            .setKeptImageId(kept)
            .setCause(RetractionCause.MERGED)
            .setAt(EARLY)
            .build());
  }

  private void withdrawnFor(String image, String dataset) {
    withdrawals.add(
        RetractedImage.newBuilder()
            .setImageId(image)
            .setCause(RetractionCause.BENCHMARK_ADDED)
            .setAt(LATE)
            .setBenchmarkDataset(dataset)
            .build());
  }
}
