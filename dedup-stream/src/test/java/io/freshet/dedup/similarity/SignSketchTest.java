package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
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
        bits += distance(sketch, a, b);
      }
      assertEquals(512 * Math.acos(cosine) / Math.PI, bits / pairs, 5, "cosine " + cosine);
    }
  }

  @Test
  void theBoundHoldsForAlmostAllPairsAtTheThreshold() {
    Random random = new Random(4);
    SignSketch sketch = new SignSketch(DIM);
    int bound = SignSketch.largestDistance(0.9);
    int pairs = 4_000;
    int within = 0;
    for (int i = 0; i < pairs; i++) {
      float[] a = UnitVectors.random(DIM, random);
      within += distance(sketch, a, UnitVectors.atCosine(a, 0.9, random)) <= bound ? 1 : 0;
    }
    assertTrue(within >= pairs * 0.997, within + " of " + pairs);
    assertTrue(bound < 110, "a bound that excludes nothing: " + bound);
  }

  private static int distance(SignSketch sketch, float[] a, float[] b) {
    return SignSketch.distance(
        SignSketch.code(sketch.project(a)), SignSketch.code(sketch.project(b)), 0);
  }

  @Test
  void codesStayTheSameForEver() {
    float[] ramp = new float[8];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i - 3;
    }
    assertEquals(
        "38c976db6d66feca71e89d84c53ff09378bd94484d2a91f6f771f74e979d852c"
            + "e5f6d54199bb11759350f19530e903974e6bf00a4ce066779bec61c822fa939b",
        Arrays.stream(SignSketch.code(new SignSketch(ramp.length).project(ramp)))
            .mapToObj("%016x"::formatted)
            .collect(Collectors.joining()),
        "stored sketches would not compare any more: raise VERSION");
  }

  @Test
  void refusesAVectorOfAnotherDimension() {
    SignSketch sketch = new SignSketch(DIM);
    assertThrows(IllegalArgumentException.class, () -> sketch.project(new float[DIM + 1]));
  }
}
