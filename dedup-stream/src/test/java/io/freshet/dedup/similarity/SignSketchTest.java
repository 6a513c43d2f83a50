package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SignSketchTest {
  private static final int DIM = 320;

  @Test
  void distanceGrowsWithTheAngle() {
    Random random = new Random(3);
    SignSketch sketch = new SignSketch(DIM);
    for (double cosine : new double[] {0.99, 0.95, 0.8, 0.3}) {
      double bits = 0;
      int pairs = 100;
      for (int i = 0; i < pairs; i++) {
        float[] a = UnitVectors.random(DIM, random);
        float[] b = UnitVectors.atCosine(a, cosine, random);
        bits += SignSketch.code(sketch.project(a)).distance(SignSketch.code(sketch.project(b)));
      }
      assertEquals(256 * Math.acos(cosine) / Math.PI, bits / pairs, 3, "cosine " + cosine);
    }
  }

  @Test
  void theBoundHoldsForAllPairsAtTheThreshold() {
    Random random = new Random(4);
    SignSketch sketch = new SignSketch(DIM);
    int bound = SignSketch.largestDistance(0.9);
    for (int i = 0; i < 4_000; i++) {
      float[] a = UnitVectors.random(DIM, random);
      float[] b = UnitVectors.atCosine(a, 0.9, random);
      int distance =
          SignSketch.code(sketch.project(a)).distance(SignSketch.code(sketch.project(b)));
      assertTrue(distance <= bound, distance + " bits, bound " + bound);
    }
    assertTrue(bound < 80, "a bound that excludes nothing: " + bound);
  }

  @Test
  void codesStayTheSameForEver() {
    float[] ramp = new float[8];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i - 3;
    }
    assertEquals(
        "dbe852493f9017cd9f6b35c023cc12bbe887ae6e8a1bbfbffb2b652ad3f91f16",
        SignSketch.code(new SignSketch(ramp.length).project(ramp)).toString(),
        "stored sketches would not compare any more: raise VERSION");
  }

  @Test
  void refusesAVectorOfAnotherDimension() {
    SignSketch sketch = new SignSketch(DIM);
    assertThrows(IllegalArgumentException.class, () -> sketch.project(new float[DIM + 1]));
  }
}
