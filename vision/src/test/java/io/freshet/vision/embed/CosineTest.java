package io.freshet.vision.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CosineTest {
  @Test
  void lengthsDoNotCountAndAZeroVectorIsNearNothing() {
    float[] three = {3, 4, 0};
    assertEquals(1, Cosine.of(three, new float[] {6144, 8192, 0}), 1e-7);
    assertEquals(-0.6, Cosine.of(three, new float[] {-2, 0, 0}), 1e-12);
    assertEquals(0, Cosine.of(three, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> Cosine.of(three, new float[2]));
  }
}
