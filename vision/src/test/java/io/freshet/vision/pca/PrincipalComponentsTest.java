package io.freshet.vision.pca;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {
  @Test
  void theFirstDirectionIsTheOneOfMostVariance() {
    // From the mean (5, 1, 7): 3 along (1, 1), 1 along (1, -1), nothing along the third.
    List<float[]> rows =
        List.of(
            new float[] {8, 4, 7},
            new float[] {2, -2, 7},
            new float[] {6, 0, 7},
            new float[] {4, 2, 7});
    PrincipalComponents components = PrincipalComponents.of(rows, 3);
    double[] far = components.coordinates(rows.get(0));
    assertEquals(3 * Math.sqrt(2), Math.abs(far[0]), 1e-9);
    assertEquals(0, far[1], 1e-9);
    assertEquals(Math.sqrt(2), Math.abs(components.coordinates(rows.get(2))[1]), 1e-9);
    assertArrayEquals(new double[3], components.coordinates(new float[] {5, 1, 7}), 1e-9);
  }
}
