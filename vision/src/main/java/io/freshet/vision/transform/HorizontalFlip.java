package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;

/** Left becomes right. */
public final class HorizontalFlip {
  private HorizontalFlip() {}

  /** A mirrored copy. */
  public static RgbImage of(RgbImage image) {
    byte[] rgb = image.rgb();
    byte[] mirrored = new byte[rgb.length];
    int width = image.width();
    for (int pixel = 0; pixel < width * image.height(); pixel++) {
      int column = pixel % width;
      System.arraycopy(rgb, 3 * pixel, mirrored, 3 * (pixel - column + width - 1 - column), 3);
    }
    return new RgbImage(width, image.height(), mirrored);
  }
}
