package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorCoderTest {
  private static final int PAIRS = 4_000;

  @ParameterizedTest
  @ValueSource(ints = {64, 320, 512, 768, 1792})
  void estimatesTheCosine(int dim) {
    VectorCoder coder = new VectorCoder(dim);
    Random random = new Random(3);
    for (double cosine : new double[] {0.99, 0.9, 0.6, 0.3, 0, -0.5}) {
      double sum = 0;
      int pairs = 300;
      for (int i = 0; i < pairs; i++) {
        float[] a = UnitVectors.random(dim, random);
        sum += estimate(coder, a, UnitVectors.atCosine(a, cosine, random));
      }
      assertEquals(cosine, sum / pairs, 0.008, "cosine " + cosine);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 320, 512, 768, 1792})
  void theBoundHoldsForAlmostAllPairsAtTheThreshold(int dim) {
    for (double threshold : new double[] {0.45, 0.6, 0.97}) {
      double bound = VectorCoder.leastEstimate(threshold, dim);
      int above = above(bound, dim, threshold, VectorCoderTest::estimate);
      assertTrue(above >= PAIRS * 0.997, "%d of %d at %s".formatted(above, PAIRS, threshold));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 320, 512, 768, 1792})
  void theCoarseBoundHoldsForAsGoodAsAllPairsAtTheThreshold(int dim) {
    for (double threshold : new double[] {0.45, 0.6, 0.97}) {
      double bound = VectorCoder.leastCoarseEstimate(threshold, dim);
      int above = above(bound, dim, threshold, VectorCoderTest::coarseEstimate);
      assertTrue(above >= PAIRS * 0.999, "%d of %d at %s".formatted(above, PAIRS, threshold));
    }
  }

  @Test
  void mostPairsOfAConceptFailTheCoarseBound() {
    double bound = VectorCoder.leastCoarseEstimate(0.6, 512);
    int above = above(bound, 512, 0.4, VectorCoderTest::coarseEstimate);
    assertTrue(above <= PAIRS * 0.05, above + " of " + PAIRS);
  }

  /** What makes it worth while: of vectors of up to 512 elements all are kept. */
  @Test
  void fewPairsBelowTheThresholdPassTheBound() {
    double bound = VectorCoder.leastEstimate(0.6, 512);
    int above = above(bound, 512, 0.5, VectorCoderTest::estimate);
    assertTrue(above <= PAIRS * 0.003, above + " of " + PAIRS);
  }

  @Test
  void vectorsWithFewElementsAreToldApartAsWell() {
    VectorCoder coder = new VectorCoder(512);
    float[] first = new float[512];
    float[] second = new float[512];
    first[3] = 1;
    second[3] = 0.6f;
    second[200] = 0.8f;
    assertEquals(1, estimate(coder, first, first), 0.06);
    assertEquals(0.6, estimate(coder, first, second), 0.06);
  }

  @FunctionalInterface
  private interface Estimate {
    double of(VectorCoder coder, float[] query, float[] stored);
  }

  /** How many of {@link #PAIRS} at the cosine reach the bound. */
  private static int above(double bound, int dim, double cosine, Estimate estimate) {
    VectorCoder coder = new VectorCoder(dim);
    Random random = new Random(4);
    int above = 0;
    for (int i = 0; i < PAIRS; i++) {
      float[] query = UnitVectors.random(dim, random);
      float[] stored = UnitVectors.atCosine(query, cosine, random);
      above += estimate.of(coder, query, stored) >= bound ? 1 : 0;
    }
    return above;
  }

  private static double estimate(VectorCoder coder, float[] query, float[] stored) {
    QueryCode code = QueryCode.of(coder.rotated(query));
    return code.estimate(code.sum(), entry(coder, stored), 4);
  }

  private static double coarseEstimate(VectorCoder coder, float[] query, float[] stored) {
    QueryCode code = QueryCode.of(coder.rotated(query));
    return code.coarseEstimate(code.sum(), entry(coder, stored), 4);
  }

  private static ByteBuffer entry(VectorCoder coder, float[] stored) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + VectorCode.BYTES).putInt(7);
    VectorCode.of(coder.rotated(stored)).write(bytes);
    assertEquals(0, bytes.remaining());
    return bytes;
  }

  @Test
  void codesStayTheSameForEver() {
    float[] ramp = new float[8];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i - 3;
    }
    VectorCode code = VectorCode.of(new VectorCoder(ramp.length).rotated(ramp));
    assertEquals(
        "ea42f944643265cc3ad39a777945ee05c846fa59e9b64646e06d66700bdce151"
            + "3caf2b22524993f78a7534e03c208f6045124fbcb123c78d77c235533f38aa99"
            + "fc9b968ebaf5ffb64d937dc8cc8353da14fc46e72207a2ac3bea9c05bc035eac"
            + "e3783de5bf14694c35ab191bd37e7206b86cb05bcc34fc61803d1b2e64f75d06",
        Arrays.stream(code.planes()).mapToObj("%016x"::formatted).collect(Collectors.joining()),
        "stored codes would not compare any more: raise VERSION");
  }

  @Test
  void refusesAVectorOfAnotherDimension() {
    VectorCoder coder = new VectorCoder(320);
    assertThrows(IllegalArgumentException.class, () -> coder.rotated(new float[321]));
  }
}
