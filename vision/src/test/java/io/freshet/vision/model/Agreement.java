package io.freshet.vision.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.freshet.vision.testing.Npz;
import java.util.List;
import java.util.stream.LongStream;

/** Compares tensors with reference arrays. */
final class Agreement {

  /** The tolerance for outputs that come with the reference: |x| up to 5. */
  static final double OUTPUT_ABS = 2e-5;

  private Agreement() {}

  static void assertClose(Npz.Array expected, NDArray actual, String what, double abs, double rel) {
    List<Long> shape = LongStream.of(actual.getShape().getShape()).boxed().toList();
    assertEquals(expected.shape(), shape, what + ": shape");
    float[] values = actual.toFloatArray();
    double[] wanted = expected.doubles();
    double worst = 0;
    for (int i = 0; i < values.length; i++) {
      double excess = Math.abs(values[i] - wanted[i]) - rel * Math.abs(wanted[i]);
      assertTrue(!Double.isNaN(excess), what + ": NaN at " + i);
      worst = Math.max(worst, excess);
    }
    assertTrue(
        worst <= abs,
        what + ": differs by " + worst + " beyond relative " + rel + ", allowed " + abs);
  }
}
