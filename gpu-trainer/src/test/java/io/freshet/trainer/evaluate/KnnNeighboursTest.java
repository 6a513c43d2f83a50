package io.freshet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class KnnNeighboursTest {
  /** On the circle: two close pairs of one class each, and one of class 1 among class 0. */
  private static final LabelledFeatures POINTS =
      new LabelledFeatures(
          new float[][] {at(0), at(5), at(90), at(95), at(3)}, new int[] {0, 0, 1, 1, 1});

  private static float[] at(double degrees) {
    return new float[] {
      (float) Math.cos(Math.toRadians(degrees)), (float) Math.sin(Math.toRadians(degrees))
    };
  }

  @Test
  void leavingOneOutNobodyIsHisOwnNeighbour() {
    KnnNeighbours neighbours = new KnnEvaluation(10, 0.07).leaveOneOut(POINTS);
    assertArrayEquals(new int[] {4, 1, 2, 3}, neighbours.of(0));
    assertArrayEquals(new int[] {1, 1, 1, 1, 0}, neighbours.predictions(1));
    assertEquals(0.4, neighbours.score(1).top1(), 1e-12);
  }

  @Test
  void aQueryInTheBankFindsItself() {
    KnnNeighbours neighbours = new KnnEvaluation(3, 0.07).neighbours(POINTS, POINTS);
    assertArrayEquals(new int[] {0, 4, 1}, neighbours.of(0));
    assertEquals(1, neighbours.score(1).top1());
  }
}
