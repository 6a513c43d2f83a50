package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.deploy.bench.CopyBackground.Neighbours;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyBackgroundTest {
  private static final List<String> GROUPS = List.of("a", "b", "c", "d");

  /** By original, in the order of the groups. */
  private static final double[][] COSINES = {
    {1.0, 0.9, 0.5, 0.1}, {0.9, 1.0, 0.4, 0.2}, {0.5, 0.4, 1.0, 0.3}, {0.1, 0.2, 0.3, 1.0}
  };

  private final List<Neighbours> originals =
      List.of(original(0), original(1), original(2), original(3));
  private final CopyBackground background = new CopyBackground(1, originals);

  /** What an original is nearest to, up to a cosine of 0.95: 0.9, 0.9, 0.5 and 0.3. */
  private static final double USUAL = (0.9 + 0.9 + 0.5 + 0.3) / 4;

  @Test
  void theBackgroundOfAPairHoldsNeitherOfTheirGroups() {
    assertEquals(
        (0.5 + 0.4) / 2 - USUAL, background.excess(originals.get(0), originals.get(1), 0.95), 1e-9);
    assertEquals(
        (0.9 + 0.4) / 2 - USUAL, background.excess(originals.get(0), originals.get(2), 0.95), 1e-9);
  }

  @Test
  void aCopyHasTheBackgroundOfItsOriginalsGroup() {
    Neighbours copy = CopyBackground.neighbours("a", GROUPS, new double[] {0.8, 0.7, 0.6, 0});
    assertEquals((0.9 + 0.7) / 2 - USUAL, background.excess(originals.get(0), copy, 0.95), 1e-9);
  }

  @Test
  void whatIsTakenForACopyIsNotCounted() {
    double usual = (0.5 + 0.4 + 0.5 + 0.3) / 4;
    assertEquals(
        (0.5 + 0.3) / 2 - usual, background.excess(originals.get(0), originals.get(3), 0.85), 1e-9);
  }

  @Test
  void thereIsNoExcessWithoutABackground() {
    CopyBackground ofTwo = new CopyBackground(3, originals.subList(0, 2));
    Neighbours a = CopyBackground.neighbours("a", GROUPS.subList(0, 2), new double[] {1, 0.9});
    Neighbours b = CopyBackground.neighbours("b", GROUPS.subList(0, 2), new double[] {0.9, 1});
    assertEquals(0, ofTwo.excess(a, b, 0.95));
  }

  private static Neighbours original(int number) {
    return CopyBackground.neighbours(GROUPS.get(number), GROUPS, COSINES[number]);
  }
}
