package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;

/**
 * Changes of colour that give what the float arithmetic of Pillow and torchvision 0.14 gives, bit
 * for bit, by means of integers: those the compiler vectorises. Stateless and thread-safe; a
 * picture that is changed is its owner's.
 */
public final class Photometric {
  /** Bits behind the point of blends. */
  private static final int BLEND_BITS = 22;

  /**
   * How far a blend in floats and one in fixed point may be apart: 2^-15 by the rounded factor, and
   * 2^-16 by each of the two roundings of the floats.
   */
  private static final double BLEND_DOUBT = 0x1p-14;

  /** Pixels whose luma an int can sum up. */
  private static final int LUMA_BLOCK = 1 << 20;

  private Photometric() {}

  /** Luma in whole numbers, as Pillow's mode L. */
  public static int luma(int red, int green, int blue) {
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }

  /** The luma of each pixel. */
  public static byte[] luma(RgbImage image) {
    byte[] rgb = image.rgb();
    byte[] grey = new byte[rgb.length / 3];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) luma(rgb[3 * i] & 0xff, rgb[3 * i + 1] & 0xff, rgb[3 * i + 2] & 0xff);
    }
    return grey;
  }

  /**
   * @param factor 0 gives black, 1 changes nothing
   */
  static void brightness(Planes picture, float factor) {
    blendWith(picture, 0, factor);
  }

  /**
   * @param factor 0 gives the mean luma, 1 changes nothing
   */
  static void contrast(Planes picture, float factor) {
    int length = picture.length();
    long sum = 0;
    for (int from = 0; from < length; from += LUMA_BLOCK) {
      int to = Math.min(length, from + LUMA_BLOCK);
      sum += sumOfLuma(picture.plane(0), picture.plane(1), picture.plane(2), from, to);
    }
    int mean = (int) (sum / (double) length + 0.5);
    blendWith(picture, mean, factor);
  }

  /**
   * @param factor 0 gives grey, 1 changes nothing
   * @param luma room for a plane
   */
  static void saturation(Planes picture, float factor, int[] luma) {
    if (picture.grey()) {
      return;
    }
    int length = picture.length();
    putLuma(picture.plane(0), picture.plane(1), picture.plane(2), luma, length);
    boolean whole = blendsAlike(factor);
    int slope = fixed(factor);
    for (int c = 0; c < Planes.CHANNELS; c++) {
      if (whole) {
        blendFixed(luma, picture.plane(c), slope, length);
      } else {
        blendFloat(luma, picture.plane(c), factor, length);
      }
    }
  }

  /** Leaves each pixel's luma. */
  static void greyscale(Planes picture) {
    int[] red = picture.plane(0);
    putLuma(red, picture.plane(1), picture.plane(2), red, picture.length());
    picture.keepFirstAsGrey();
  }

  /** Inverts the samples at {@code threshold} and above. */
  static void solarize(Planes picture, int threshold) {
    for (int c = 0; c < picture.distinct(); c++) {
      solarize(picture.plane(c), threshold, picture.length());
    }
  }

  private static void blendWith(Planes picture, int from, float factor) {
    int slope = fixed(factor);
    int start = (from << BLEND_BITS) - from * slope;
    boolean alike = true;
    for (int v = 0; v < 256; v++) {
      alike &= clip(v * slope + start) == blend(from, v, factor);
    }
    for (int c = 0; c < picture.distinct(); c++) {
      if (alike) {
        map(picture.plane(c), slope, start, picture.length());
      } else {
        blendFloat(from, picture.plane(c), factor, picture.length());
      }
    }
  }

  /**
   * Whether a blend by this factor gives the same in fixed point as in floats for any two samples:
   * unless the product with their difference lies so near to a whole number that rounding decides.
   */
  private static boolean blendsAlike(float factor) {
    if (!(factor >= 0 && factor < 2)) {
      return false;
    }
    boolean exact = factor * (double) (1 << BLEND_BITS) == fixed(factor);
    for (int difference = 1; difference < 256; difference++) {
      double product = (double) factor * difference;
      double rest = product - Math.floor(product);
      boolean whole = rest == 0 && exact;
      if (!whole && (rest <= BLEND_DOUBT || rest >= 1 - BLEND_DOUBT)) {
        return false;
      }
    }
    return true;
  }

  private static int fixed(float factor) {
    return (int) Math.rint(factor * (double) (1 << BLEND_BITS));
  }

  /** Pillow's blend: beyond 0..1 it extrapolates and clips; fractions are cut off. */
  private static int blend(int from, int to, float factor) {
    float blended = from + factor * (to - from);
    return (int) Math.max(0f, Math.min(255f, blended));
  }

  /** To 0..255, by bits: {@code Math.min} of ints isn't vectorised. */
  private static int clip(int sum) {
    int value = sum >> BLEND_BITS;
    value &= ~(value >> 31);
    return (value | ((255 - value) >> 31)) & 0xff;
  }

  private static void map(int[] samples, int slope, int start, int length) {
    for (int i = 0; i < length; i++) {
      samples[i] = clip(samples[i] * slope + start);
    }
  }

  private static void blendFixed(int[] luma, int[] samples, int slope, int length) {
    for (int i = 0; i < length; i++) {
      samples[i] = clip((luma[i] << BLEND_BITS) + (samples[i] - luma[i]) * slope);
    }
  }

  private static void blendFloat(int[] luma, int[] samples, float factor, int length) {
    for (int i = 0; i < length; i++) {
      samples[i] = blend(luma[i], samples[i], factor);
    }
  }

  private static void blendFloat(int from, int[] samples, float factor, int length) {
    for (int i = 0; i < length; i++) {
      samples[i] = blend(from, samples[i], factor);
    }
  }

  private static void solarize(int[] samples, int threshold, int length) {
    for (int i = 0; i < length; i++) {
      int inverted = (threshold - 1 - samples[i]) >> 31;
      samples[i] ^= inverted & 0xff;
    }
  }

  private static int sumOfLuma(int[] reds, int[] greens, int[] blues, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += luma(reds[i], greens[i], blues[i]);
    }
    return sum;
  }

  private static void putLuma(int[] reds, int[] greens, int[] blues, int[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = luma(reds[i], greens[i], blues[i]);
    }
  }
}
