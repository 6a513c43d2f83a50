package io.freshet.trainer.evaluate.geometry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.trainer.testing.Probes;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureGeometryTest {
  private final FeatureGeometry geometry = new FeatureGeometry(Probes.SCRIPTS);

  @Test
  void orthogonalFeaturesHaveFullRankAndEqualOnesRankOne() {
    List<float[]> orthogonal = List.of(new float[] {2, 0}, new float[] {0, 2});
    List<float[]> equal = List.of(new float[] {1, 2}, new float[] {1, 2}, new float[] {1, 2});
    assertEquals(2, geometry.rankme(orthogonal), 1e-4);
    assertEquals(1, geometry.rankme(equal), 1e-4);
  }

  @Test
  void rankIsTheExponentialOfTheEntropyOfSingularValues() {
    // Singular values 3 and 1: shares 3/4 and 1/4.
    double entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    assertEquals(
        Math.exp(entropy), geometry.rankme(List.of(new float[] {3, 0}, new float[] {0, 1})), 1e-5);
  }

  @Test
  void alignmentIsTheMeanSquaredDistanceOnTheSphere() {
    List<float[]> views = List.of(new float[] {5, 0}, new float[] {0, 1}, new float[] {1, 0});
    List<float[]> others = List.of(new float[] {1, 0}, new float[] {3, 0}, new float[] {-2, 0});
    assertEquals((0 + 2 + 4) / 3.0, geometry.alignment(views, others), 1e-6);
  }

  @Test
  void uniformityIsTheLogarithmOfTheMeanPotentialOfPairs() {
    // Squared distances 2, 4 and 2 of three points on the circle.
    List<float[]> features = List.of(new float[] {1, 0}, new float[] {0, 7}, new float[] {-3, 0});
    double potential = (2 * Math.exp(-4) + Math.exp(-8)) / 3;
    assertEquals(Math.log(potential), geometry.uniformity(features), 1e-5);
    assertEquals(0, geometry.uniformity(List.of(new float[] {1, 1}, new float[] {2, 2})), 1e-6);
    assertThrows(
        IllegalArgumentException.class, () -> geometry.uniformity(List.of(new float[] {1})));
  }
}
