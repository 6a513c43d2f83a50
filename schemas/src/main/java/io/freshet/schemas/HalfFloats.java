package io.freshet.schemas;

/** IEEE 754 half precision (binary16): 11 significant bits, magnitudes from 2^-24 to 65,504. */
public final class HalfFloats {
  private static final float FIRST_TOO_LARGE = 65_520f;
  private static final float SMALLEST_NORMAL = 0x1p-14f;

  /** Between floats of this exponent lie the spacings of subnormal halves. */
  private static final float SUBNORMAL_ULP_SHIFT = 0x1p-1f;

  private HalfFloats() {}

  /** Exact. */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int bits = exponent == 31 ? 0x7f800000 : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | mantissa << 13);
  }

  /** The nearest, of two equally near the even one; what is too large becomes infinite. */
  public static short of(float value) {
    int bits = Float.floatToIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= FIRST_TOO_LARGE) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < SMALLEST_NORMAL) {
      // The sum's last bit is worth 2^-24, a step of subnormal halves, so that adding rounds to
      // them.
      float shifted = magnitude + SUBNORMAL_ULP_SHIFT;
      return (short)
          (sign | Float.floatToIntBits(shifted) - Float.floatToIntBits(SUBNORMAL_ULP_SHIFT));
    }
    int rounded = (bits & 0x7fffffff) + 0xfff + (bits >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10));
  }
}
