package io.freshet.vision.image;

import java.util.Arrays;

/** The picture under construction: opaque white, onto which decoders lay pixels. */
final class Canvas {
  private static final byte WHITE = (byte) 0xff;

  final int width;
  final int height;
  final byte[] rgb;

  /** The caller has checked the size against the limits. */
  Canvas(int width, int height) {
    this.width = width;
    this.height = height;
    this.rgb = new byte[RgbImage.sizeOf(width, height)];
    Arrays.fill(rgb, WHITE);
  }

  /**
   * @param alpha 0 (nothing) to 255 (opaque), straight, not premultiplied
   */
  void lay(int x, int y, int r, int g, int b, int alpha) {
    int at = 3 * (y * width + x);
    rgb[at] = onWhite(r, alpha);
    rgb[at + 1] = onWhite(g, alpha);
    rgb[at + 2] = onWhite(b, alpha);
  }

  static byte onWhite(int sample, int alpha) {
    return (byte) ((sample * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  RgbImage toImage() {
    return new RgbImage(width, height, rgb);
  }
}
