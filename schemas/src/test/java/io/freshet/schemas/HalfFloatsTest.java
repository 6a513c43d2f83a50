package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
  @Test
  void everyHalfComesBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfFloats.toFloat((short) bits);
      short back = HalfFloats.of(value);
      if (Float.isNaN(value)) {
        assertTrue(Float.isNaN(HalfFloats.toFloat(back)));
      } else {
        assertEquals((short) bits, back, Integer.toHexString(bits));
      }
    }
  }

  /** Against the two halves on either side, in double precision. */
  @Test
  void takesTheNearestHalfOfTwoEquallyNearTheEven() {
    Random random = new Random(5);
    for (int i = 0; i < 200_000; i++) {
      int below = random.nextInt(0x7bff);
      double low = HalfFloats.toFloat((short) below);
      double high = HalfFloats.toFloat((short) (below + 1));
      float value =
          switch (i % 3) {
            case 0 -> (float) ((low + high) / 2);
            case 1 -> Math.nextUp((float) ((low + high) / 2));
            default -> (float) (low + (high - low) * random.nextDouble());
          };
      boolean up = value - low == high - value ? (below & 1) == 1 : value - low > high - value;
      assertEquals(up ? below + 1 : below, HalfFloats.of(value), () -> "of " + value);
      assertEquals(
          (short) ((up ? below + 1 : below) | 0x8000), HalfFloats.of(-value), () -> "of " + -value);
    }
  }

  @Test
  void whatIsTooLargeIsInfinite() {
    assertEquals(0x7bff, HalfFloats.of(Math.nextDown(65_520f)));
    assertEquals(0x7c00, HalfFloats.of(65_520f));
    assertEquals((short) 0xfc00, HalfFloats.of(-Float.MAX_VALUE));
    assertEquals(0, HalfFloats.of(Float.MIN_VALUE));
  }
}
