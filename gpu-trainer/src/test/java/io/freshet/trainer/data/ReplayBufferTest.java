package io.freshet.trainer.data;

import static io.freshet.trainer.data.Samples.sample;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplayBufferTest {
  private static final long SEED = 7;

  @Test
  void keepsTheNewestInTheFreshTier() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(3, 0, 1, 1), SEED);
    IntStream.range(0, 10).forEach(i -> buffer.admit(sample(i, "c")));
    assertEquals(Set.of(id(7), id(8), id(9)), ids(buffer.draw(0, 3)));
    assertEquals(3, buffer.size());
    assertEquals(10, buffer.admitted());
  }

  @Test
  void keepsARareConceptInSpiteOfAFrequentOne() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(1, 20, 0, 1), SEED);
    IntStream.range(0, 5).forEach(i -> buffer.admit(sample(i, "rare")));
    IntStream.range(100, 5000).forEach(i -> buffer.admit(sample(i, "frequent")));
    Map<String, Long> held =
        buffer.manifest().balanced().stream()
            .collect(Collectors.toMap(b -> b.name(), b -> (long) b.samples().size()));
    assertEquals(Map.of("photos/rare", 5L, "photos/frequent", 15L), held);
  }

  @Test
  void everySampleOfAConceptIsEquallyLikelyToStay() {
    // 10 of 40 stay: each with probability 1/4, counted over 2,000 seeds.
    int[] stayed = new int[40];
    for (int seed = 0; seed < 2000; seed++) {
      ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(1, 10, 0, 1), seed);
      IntStream.range(0, 41).forEach(i -> buffer.admit(sample(i, "c")));
      buffer.manifest().balanced().get(0).samples().stream()
          .mapToInt(s -> Integer.parseInt(s.imageId(), 16))
          .forEach(i -> stayed[i]++);
    }
    for (int count : stayed) {
      assertTrue(Math.abs(count - 500) < 100, () -> "expected about 500, got " + count);
    }
  }

  @Test
  void mixesTheTiersByTheConfiguredShare() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(50, 50, 0.25, 1), SEED);
    IntStream.range(0, 100).forEach(i -> buffer.admit(sample(i, "c" + i % 7)));
    for (int step = 0; step < 50; step++) {
      long fresh =
          buffer.draw(step, 32).stream()
              .filter(s -> Integer.parseInt(s.imageId(), 16) >= 50)
              .count();
      assertEquals(8, fresh);
    }
  }

  @Test
  void drawsConceptsEvenlyFromTheBalancedTier() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(1, 100, 0, 1), SEED);
    IntStream.range(0, 3).forEach(i -> buffer.admit(sample(i, "rare")));
    IntStream.range(10, 61).forEach(i -> buffer.admit(sample(i, "frequent")));
    Map<String, Long> drawn =
        buffer.draw(5, 6).stream()
            .collect(Collectors.groupingBy(Sample::concept, Collectors.counting()));
    assertEquals(Map.of("rare", 3L, "frequent", 3L), drawn);
  }

  @Test
  void drawsNoImageTwiceUntilAllWereDrawn() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(4, 8, 0.5, 1), SEED);
    IntStream.range(0, 10).forEach(i -> buffer.admit(sample(i, "c" + i % 2)));
    for (int step = 0; step < 100; step++) {
      assertEquals(10, ids(buffer.draw(step, 10)).size());
      assertEquals(25, buffer.draw(step, 25).size());
    }
  }

  @Test
  void countsARepeatedImageWithoutHoldingItTwice() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(4, 0, 1, 1), SEED);
    buffer.admit(sample(1, "a"));
    buffer.admit(sample(1, "b"));
    assertEquals(1, buffer.size());
    assertEquals(1, buffer.repeated());
  }

  @Test
  void neverDrawsARemovedImageAndMayTakeItInAgain() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(5, 5, 0.5, 1), SEED);
    IntStream.range(0, 10).forEach(i -> buffer.admit(sample(i, "c")));
    buffer.remove(List.of(id(0), id(9), id(77)));
    assertEquals(8, buffer.size());
    assertEquals(8, ids(buffer.draw(3, 8)).size());
    buffer.admit(sample(9, "c"));
    assertEquals(9, buffer.size());
  }

  @Test
  void keepsAnImageInQuarantineOutAlsoAfterARestart() {
    ReplayConfig config = new ReplayConfig(5, 5, 0.5, 1);
    ReplayBuffer buffer = new ReplayBuffer(config, SEED);
    IntStream.range(0, 10).forEach(i -> buffer.admit(sample(i, "c")));
    buffer.quarantine(List.of(id(2), id(9), id(77)));
    ReplayBuffer restored = ReplayBuffer.restore(config, SEED, buffer.manifest());
    for (ReplayBuffer each : List.of(buffer, restored)) {
      for (int i : new int[] {2, 9, 77}) {
        each.admit(sample(i, "d"));
      }
      assertEquals(3, each.quarantined());
      assertEquals(8, each.size());
      assertEquals(10, each.admitted());
    }
    assertEquals(buffer.manifest(), restored.manifest());
  }

  @Test
  void whatIsWithdrawnIsDroppedFromBothTiersAndNeverTakenInAgain() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(2, 10, 0.5, 1), SEED);
    IntStream.range(0, 6).forEach(i -> buffer.admit(sample(i, "c")));
    buffer.withdraw(List.of(id(0), id(5), id(9)));
    IntStream.of(0, 5, 9).forEach(i -> buffer.admit(sample(i, "c")));
    assertEquals(4, buffer.size());
    assertEquals(Set.of(id(1), id(2), id(3), id(4)), ids(buffer.draw(0, 4)));
    assertEquals(0, buffer.quarantined());
  }

  @Test
  void remembersALimitedNumberOfImagesInQuarantine() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(5, 5, 0.5, 1), SEED);
    buffer.quarantine(
        IntStream.range(0, ReplayBuffer.MAX_QUARANTINED).mapToObj(ReplayBufferTest::id).toList());
    buffer.quarantine(List.of(id(0), id(ReplayBuffer.MAX_QUARANTINED)));
    assertEquals(ReplayBuffer.MAX_QUARANTINED, buffer.quarantined());
    buffer.admit(sample(1, "c"));
    buffer.admit(sample(0, "c"));
    assertEquals(Set.of(id(1)), ids(buffer.draw(0, 1)));
  }

  @Test
  void shrinksWhenACapacityWasLowered() {
    ReplayBuffer large = new ReplayBuffer(new ReplayConfig(10, 10, 0.5, 1), SEED);
    IntStream.range(0, 20).forEach(i -> large.admit(sample(i, "c" + i % 3)));
    ReplayBuffer small =
        ReplayBuffer.restore(new ReplayConfig(4, 6, 0.5, 1), SEED, large.manifest());
    assertEquals(10, small.size());
    assertEquals(10, ids(small.draw(0, 10)).size());
  }

  @Test
  void refusesToDrawFromNothing() {
    ReplayBuffer buffer = new ReplayBuffer(new ReplayConfig(4, 0, 1, 1), SEED);
    assertThrows(IllegalStateException.class, () -> buffer.draw(0, 1));
  }

  private static String id(int number) {
    return sample(number, "c").imageId();
  }

  private static Set<String> ids(List<Sample> samples) {
    return samples.stream().map(Sample::imageId).collect(Collectors.toCollection(HashSet::new));
  }
}
