package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CellProbesTest {
  @Test
  void flipsTheLeastCertainBits() {
    float[] projections = {1f, -0.1f, 0.2f, -3f};
    assertArrayEquals(
        new int[] {0b1010, 0b1110, 0b1000, 0b1100}, new CellProbes(4, 2).probes(projections));
  }

  @Test
  void oneCellHoldsEverythingWithoutBits() {
    assertArrayEquals(new int[] {0}, new CellProbes(0, 0).probes(new float[] {1f}));
  }

  @Test
  void refusesMoreProbesThanBits() {
    assertThrows(IllegalArgumentException.class, () -> new CellProbes(4, 5));
  }
}
