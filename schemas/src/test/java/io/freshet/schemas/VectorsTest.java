package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class VectorsTest {
  private static final String SPACE = "freshet@12/cls/l2";

  private static Vector half(int... bits) {
    ByteBuffer data = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : bits) {
      data.putShort((short) value);
    }
    return new Vector(SPACE, bits.length, VectorType.FLOAT16, data.flip());
  }

  @Test
  void givesBackTheFloatsItWasMadeOf() {
    float[] elements = {0f, -0f, 1f, -2.5f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN};
    Vector vector = Vectors.of(SPACE, elements);
    assertEquals(elements.length, vector.getDim());
    assertArrayEquals(elements, Vectors.toFloats(vector));
    assertArrayEquals(elements, Vectors.toFloats(vector), "reading must not consume");
  }

  @Test
  void isLittleEndianForOtherLanguages() {
    assertEquals(
        0x0000803f,
        Vectors.of(SPACE, new float[] {1f}).getData().order(ByteOrder.BIG_ENDIAN).getInt(0));
  }

  @Test
  void widensHalfPrecision() {
    assertArrayEquals(
        new float[] {
          0f,
          -0f,
          1f,
          -2f,
          65_504f,
          0x1p-24f,
          0x1.ff8p-15f,
          0x1p-14f,
          0x1.554p-2f,
          Float.POSITIVE_INFINITY,
          Float.NEGATIVE_INFINITY,
          Float.NaN
        },
        Vectors.toFloats(
            half(
                0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x3555, 0x7c00,
                0xfc00, 0x7e00)));
  }

  /** All 65,536 values, against the definition of IEEE 754 binary16. */
  @Test
  void widensEveryHalf() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = (bits >> 10) & 0x1f;
      double fraction = (bits & 0x3ff) / 1024.0;
      double magnitude =
          exponent == 31
              ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
              : exponent == 0 ? fraction * 0x1p-14 : (1 + fraction) * Math.pow(2, exponent - 15);
      float expected = (float) ((bits & 0x8000) == 0 ? magnitude : -magnitude);
      assertEquals(expected, Vectors.toFloats(half(bits))[0], Integer.toHexString(bits));
    }
  }

  @Test
  void comparesWithinOneSpace() {
    Vector x = Vectors.of(SPACE, new float[] {3, 0, 4});
    assertEquals(1, Vectors.cosine(x, x), 1e-12);
    assertEquals(-1, Vectors.cosine(x, Vectors.of(SPACE, new float[] {-6, 0, -8})), 1e-12);
    assertEquals(0, Vectors.cosine(x, Vectors.of(SPACE, new float[] {0, 1, 0})), 1e-12);
    assertEquals(0, Vectors.cosine(x, Vectors.of(SPACE, new float[3])), 1e-12);
    assertEquals(0.6, Vectors.cosine(x, half(0x3c00, 0, 0)), 1e-12);
  }

  @Test
  void refusesToMixSpaces() {
    Vector ours = Vectors.of(SPACE, new float[] {1});
    for (String other :
        new String[] {"freshet@13/cls/l2", "freshet@12/patch/l2", "freshet@12/cls/none", "x"}) {
      Vector theirs = Vectors.of(other, new float[] {1});
      String message =
          assertThrows(IllegalArgumentException.class, () -> Vectors.cosine(ours, theirs))
              .getMessage();
      assertTrue(message.contains(SPACE) && message.contains(other), message);
      assertThrows(
          IllegalArgumentException.class, () -> Vectors.requireSameSpace(theirs, ours), other);
    }
  }
}
