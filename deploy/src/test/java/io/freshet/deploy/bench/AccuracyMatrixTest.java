package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AccuracyMatrixTest {
  /** The first phase is known best after the second, as one that was only shown later was. */
  private static final AccuracyMatrix MATRIX =
      new AccuracyMatrix(new double[][] {{60, 90, 30}, {64, 70, 31}, {50, 67, 80}});

  @Test
  void averageAccuracyIsThatOfTheEnd() {
    assertEquals((50 + 67 + 80) / 3.0, MATRIX.averageAccuracy(), 1e-9);
  }

  @Test
  void forgettingIsCountedFromTheBestSinceThePhaseWasShown() {
    assertEquals(((64 - 50) + (70 - 67)) / 2.0, MATRIX.forgetting(), 1e-9);
  }

  @Test
  void backwardTransferIsCountedFromTheEndOfThePhaseItself() {
    assertEquals(((50 - 60) + (67 - 70)) / 2.0, MATRIX.backwardTransfer(), 1e-9);
  }

  @Test
  void forgettingIsNegativeWhereLaterPhasesHelped() {
    assertEquals(-3, new AccuracyMatrix(new double[][] {{40, 20}, {43, 50}}).forgetting(), 1e-9);
  }

  @Test
  void refusesOnePhaseAndRowsOfAnotherLength() {
    assertThrows(IllegalArgumentException.class, () -> new AccuracyMatrix(new double[][] {{40}}));
    assertThrows(
        IllegalArgumentException.class, () -> new AccuracyMatrix(new double[][] {{1, 2}, {3}}));
  }
}
