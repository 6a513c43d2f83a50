package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class PatchFeaturesTest {
  private static final Instant AT = Instant.parse("2026-11-27T12:00:00Z");

  private static PatchFeature of(int rows, int columns, float... elements) {
    return PatchFeatures.of("a", "freshet@1/patch/none", rows, columns, elements, AT, AT);
  }

  @Test
  void givesBackTheElementsInHalfPrecision() {
    PatchFeature feature = of(1, 3, 0.5f, -2, 1e-9f, 1.0001f, 3, 65_504);
    assertEquals(2, feature.getDim());
    float[] expected = {0.5f, -2, 0, 1, 3, 65_504};
    assertArrayEquals(expected, PatchFeatures.toFloats(feature));
    assertArrayEquals(expected, PatchFeatures.toFloats(feature), "reading must not consume");
  }

  @Test
  void refusesElementsThatAreNoGrid() {
    assertThrows(IllegalArgumentException.class, () -> of(2, 2, 1, 2, 3));
    assertThrows(IllegalArgumentException.class, () -> of(1, 1));
    assertThrows(IllegalArgumentException.class, () -> of(0, 1, 1));
  }

  /** Sizes come from outside: none may allocate more than there is, or overflow to what fits. */
  @Test
  void refusesSizesThatDoNotFitTheBytes() {
    PatchFeature feature = of(2, 2, 1, 2, 3, 4);
    int[][] sizes = {{2, 2, 2}, {1, 2, 1}, {-2, -2, 1}, {0, 0, 0}, {1 << 30, 1 << 30, 16}};
    for (int[] size : sizes) {
      PatchFeature altered =
          PatchFeature.newBuilder(feature)
              .setRows(size[0])
              .setColumns(size[1])
              .setDim(size[2])
              .build();
      String message =
          assertThrows(IllegalArgumentException.class, () -> PatchFeatures.toFloats(altered))
              .getMessage();
      assertTrue(message.contains("are not 8 bytes"), message);
    }
  }
}
