package io.freshet.vision.image;

import java.util.Arrays;

/**
 * An 8-bit sRGB picture without alpha. The array is shared with the caller, not copied: nobody
 * writes to it after it was handed over.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param rgb row-major interleaved R, G, B; {@code 3 * width * height} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record RgbImage(int width, int height, byte[] rgb) {
  public RgbImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "an image has at least one pixel, not %d x %d".formatted(width, height));
    }
    int expected = sizeOf(width, height);
    if (rgb.length != expected) {
      throw new IllegalArgumentException(
          "%d bytes of pixels for %d x %d; they must be %d"
              .formatted(rgb.length, width, height, expected));
    }
  }

  /**
   * Bytes that a picture of this size takes.
   *
   * @throws ArithmeticException when no array can hold it
   */
  public static int sizeOf(int width, int height) {
    return Math.multiplyExact(Math.multiplyExact(width, height), 3);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage that
        && width == that.width
        && height == that.height
        && Arrays.equals(rgb, that.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "RgbImage[" + width + " x " + height + "]";
  }
}
