package io.freshet.trainer.evaluate.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.probe.Lbfgs.Minimum;
import org.junit.jupiter.api.Test;

class LbfgsTest {
  private static final Lbfgs EXACT = new Lbfgs(500, 1e-10, 0);

  /** A bowl whose axes differ in steepness by a million, with its minimum at (1, 2, 3). */
  private static double bowl(double[] x, double[] gradient) {
    double value = 0;
    for (int i = 0; i < x.length; i++) {
      double steepness = Math.pow(1000, i - 1);
      double offset = x[i] - (i + 1);
      value += steepness * offset * offset / 2;
      gradient[i] = steepness * offset;
    }
    return value;
  }

  private static double rosenbrock(double[] x, double[] gradient) {
    double a = 1 - x[0];
    double b = x[1] - x[0] * x[0];
    gradient[0] = -2 * a - 400 * x[0] * b;
    gradient[1] = 200 * b;
    return a * a + 100 * b * b;
  }

  @Test
  void findsTheBottomOfAnIllConditionedBowl() {
    Minimum minimum = EXACT.minimise(LbfgsTest::bowl, new double[3]);
    assertTrue(minimum.converged());
    assertArrayEquals(new double[] {1, 2, 3}, minimum.point(), 1e-6);
  }

  @Test
  void followsRosenbrocksValley() {
    Minimum minimum = EXACT.minimise(LbfgsTest::rosenbrock, new double[] {-1.2, 1});
    assertArrayEquals(new double[] {1, 1}, minimum.point(), 1e-6);
    assertEquals(0, minimum.value(), 1e-12);
  }

  @Test
  void saysSoWhenItsIterationsRunOut() {
    Minimum minimum =
        new Lbfgs(3, 1e-10, 0).minimise(LbfgsTest::rosenbrock, new double[] {-1.2, 1});
    assertFalse(minimum.converged());
    assertEquals(3, minimum.iterations());
  }

  @Test
  void aStartAtTheMinimumStays() {
    Minimum minimum = EXACT.minimise(LbfgsTest::bowl, new double[] {1, 2, 3});
    assertEquals(0, minimum.iterations());
    assertTrue(minimum.converged());
  }
}
