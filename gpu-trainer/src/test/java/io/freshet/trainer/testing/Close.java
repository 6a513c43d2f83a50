package io.freshet.trainer.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** Compares numbers within |actual - expected| <= abs + rel * |expected|; NaN is never close. */
public final class Close {

  private final double rel;
  private final double abs;

  private Close(double rel, double abs) {
    this.rel = rel;
    this.abs = abs;
  }

  public static Close within(double rel, double abs) {
    return new Close(rel, abs);
  }

  public void check(String what, double expected, double actual) {
    check(what, new double[] {expected}, new double[] {actual});
  }

  public void check(String what, double[] expected, NDArray actual) {
    check(what, expected, doubles(actual));
  }

  public void check(String what, double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length, what + ": number of values");
    int worst = -1;
    double worstExcess = 0;
    for (int i = 0; i < expected.length; i++) {
      double excess = Math.abs(actual[i] - expected[i]) / (abs + rel * Math.abs(expected[i]));
      boolean close = excess <= 1 || actual[i] == expected[i];
      if (!close && (worst < 0 || !(excess <= worstExcess))) {
        worst = i;
        worstExcess = excess;
      }
    }
    int at = worst;
    assertTrue(
        worst < 0,
        () ->
            "%s: value %d is %.9g, expected %.9g (rel %g, abs %g)"
                .formatted(what, at, actual[at], expected[at], rel, abs));
  }

  public static double[] doubles(NDArray array) {
    if (array.getDataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    float[] floats = array.toFloatArray();
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }
}
