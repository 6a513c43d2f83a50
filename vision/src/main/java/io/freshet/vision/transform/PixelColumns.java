package io.freshet.vision.transform;

import io.freshet.vision.image.RgbImage;

/**
 * A picture turned by its diagonal: one int array of interleaved samples a column. A resize that
 * adds up columns then runs along arrays of one index, which vectorises. It pays where several
 * crops are cut from one picture. Keeps its memory, 12 bytes a pixel; one owner thread.
 */
final class PixelColumns {
  /** Pixels of the largest picture that is turned. */
  static final int MAX_PIXELS = 1 << 20;

  /** Rows that are turned at a time, so that both sides stay in the first-level cache. */
  private static final int STRIP = 16;

  private int[][] columns = new int[0][];
  private int width;
  private int height;

  /** Takes over the pixels of {@code image}, at most {@link #MAX_PIXELS}. */
  void load(RgbImage image) {
    width = image.width();
    height = image.height();
    if (columns.length < width || columns[0].length < 3 * height) {
      columns = new int[width][3 * height];
    }
    byte[] rgb = image.rgb();
    for (int top = 0; top < height; top += STRIP) {
      int end = Math.min(height, top + STRIP);
      for (int x = 0; x < width; x++) {
        turn(rgb, 3 * (top * width + x), 3 * width, columns[x], 3 * top, 3 * end);
      }
    }
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Samples 3 * y + channel of column {@code x}. */
  int[] column(int x) {
    return columns[x];
  }

  private static void turn(byte[] rgb, int start, int rowBytes, int[] column, int from, int to) {
    int at = start;
    for (int i = from; i < to; i += 3) {
      column[i] = rgb[at] & 0xff;
      column[i + 1] = rgb[at + 1] & 0xff;
      column[i + 2] = rgb[at + 2] & 0xff;
      at += rowBytes;
    }
  }
}
