package io.freshet.vision.hash;

import io.freshet.vision.image.RgbImage;

/**
 * Shrinks a picture to 64 x 64 luma as PDQ does: two rounds of box filters along rows and columns
 * (a tent, after Jarosz 2001), then one sample from the middle of each cell.
 *
 * <p>The second round is only taken where it is sampled. Each running sum adds and subtracts in the
 * published order, so its rounding is the published one.
 */
final class JaroszFilter {
  private static final int SIDE = 64;
  private static final int WINDOW_DIVISOR = 128;
  private static final float RED = 0.299f;
  private static final float GREEN = 0.587f;
  private static final float BLUE = 0.114f;

  private JaroszFilter() {}

  static float[] toSquare(RgbImage image) {
    int w = image.width();
    int h = image.height();
    float[] luma = luma(image);
    float[] rowsDone = new float[luma.length];
    for (int y = 0; y < h; y++) {
      alongRow(luma, y * w, w, rowsDone, y * w);
    }
    alongColumns(rowsDone, w, h, luma);
    int[] columns = centres(w);
    float[] line = new float[w];
    float[] narrow = new float[h * SIDE];
    for (int y = 0; y < h; y++) {
      alongRow(luma, y * w, w, line, 0);
      for (int i = 0; i < SIDE; i++) {
        narrow[y * SIDE + i] = line[columns[i]];
      }
    }
    float[] filtered = new float[narrow.length];
    alongColumns(narrow, SIDE, h, filtered);
    int[] rows = centres(h);
    float[] square = new float[SIDE * SIDE];
    for (int i = 0; i < SIDE; i++) {
      System.arraycopy(filtered, rows[i] * SIDE, square, i * SIDE, SIDE);
    }
    return square;
  }

  private static float[] luma(RgbImage image) {
    byte[] rgb = image.rgb();
    float[] luma = new float[image.width() * image.height()];
    for (int i = 0; i < luma.length; i++) {
      luma[i] =
          RED * (rgb[3 * i] & 0xff)
              + GREEN * (rgb[3 * i + 1] & 0xff)
              + BLUE * (rgb[3 * i + 2] & 0xff);
    }
    return luma;
  }

  /** Pixels under the box: half a cell, rounded up. */
  private static int window(int length) {
    return (length + WINDOW_DIVISOR - 1) / WINDOW_DIVISOR;
  }

  private static int[] centres(int length) {
    int[] centres = new int[SIDE];
    for (int i = 0; i < SIDE; i++) {
      centres[i] = (int) (((i + 0.5) * length) / SIDE);
    }
    return centres;
  }

  private static void alongRow(float[] in, int inStart, int length, float[] out, int outStart) {
    int window = window(length);
    int ahead = (window + 2) / 2 - 1;
    float sum = 0;
    for (int i = 0; i < ahead; i++) {
      sum += in[inStart + i];
    }
    int size = ahead;
    for (int i = 0; i < length; i++) {
      int enters = i + ahead;
      int leaves = enters - window;
      if (enters < length) {
        sum += in[inStart + enters];
        size++;
      }
      if (leaves >= 0) {
        sum -= in[inStart + leaves];
        size--;
      }
      out[outStart + i] = sum / size;
    }
  }

  /** The same for all columns at once, so that memory is walked along its rows. */
  private static void alongColumns(float[] in, int width, int length, float[] out) {
    int window = window(length);
    int ahead = (window + 2) / 2 - 1;
    float[] sums = new float[width];
    for (int y = 0; y < ahead; y++) {
      for (int x = 0; x < width; x++) {
        sums[x] += in[y * width + x];
      }
    }
    int size = ahead;
    for (int y = 0; y < length; y++) {
      int enters = y + ahead;
      int leaves = enters - window;
      if (enters < length) {
        size++;
        for (int x = 0; x < width; x++) {
          sums[x] += in[enters * width + x];
        }
      }
      if (leaves >= 0) {
        size--;
        for (int x = 0; x < width; x++) {
          sums[x] -= in[leaves * width + x];
        }
      }
      for (int x = 0; x < width; x++) {
        out[y * width + x] = sums[x] / size;
      }
    }
  }
}
