package io.freshet.vision.transform;

import java.util.Arrays;

/**
 * torchvision's Gaussian blur of an 8-bit picture: edges reflect without repeating the edge pixel,
 * the sum is taken in floats and rounded at the end. Keeps its buffers; one owner thread.
 *
 * <p>Each sum is taken over arrays of one index, one array a weight, which vectorises: along a row
 * over copies of it that are shifted, down the columns over the last rows.
 */
final class GaussianBlur {
  /** Weights of the first pass over a row of sums, and of each further one. */
  private static final int FIRST = 5;

  private static final int NEXT = 4;

  private final int size;
  private final int reach;

  /** The size rounded up, so that whole passes add it; the weights behind it are 0. */
  private final int taps;

  private float[][] shifted = new float[0][];
  private float[][] rows = new float[0][];
  private float[] sums = new float[0];

  /**
   * @param size pixels of a side of the kernel, odd
   */
  GaussianBlur(int size) {
    if (size < 1 || size % 2 == 0) {
      throw new IllegalArgumentException("a kernel has an odd number of pixels, not " + size);
    }
    this.size = size;
    this.reach = size / 2;
    this.taps = FIRST + Math.max(0, (size - FIRST + NEXT - 1) / NEXT * NEXT);
  }

  /** The weights along one axis; their sum is 1. */
  float[] kernel(double sigma) {
    float[] kernel = new float[size];
    float sum = 0;
    for (int i = 0; i < size; i++) {
      double x = (i - reach) / sigma;
      kernel[i] = (float) Math.exp(-0.5 * x * x);
      sum += kernel[i];
    }
    for (int i = 0; i < size; i++) {
      kernel[i] /= sum;
    }
    return kernel;
  }

  /**
   * Blurs in place. Each side of the picture is longer than half of the kernel.
   *
   * @param sigma deviation in pixels
   */
  void apply(Planes picture, double sigma) {
    int width = picture.width();
    int height = picture.height();
    if (width <= reach || height <= reach) {
      throw new IllegalArgumentException(
          "%d x %d pixels can't be reflected by %d".formatted(width, height, reach));
    }
    float[] weights = Arrays.copyOf(kernel(sigma), taps);
    int padded = width + 2 * reach;
    int length = picture.distinct() * padded;
    reserve(length);
    float[][] window = new float[taps][];
    for (int y = 0; y < height + reach; y++) {
      if (y < height) {
        float[] row = rows[y % size];
        pad(picture, y, padded);
        for (int t = 1; t < size; t++) {
          System.arraycopy(shifted[0], t, shifted[t], 0, length - t);
        }
        sum(shifted, weights, 0f, row, length - 2 * reach);
      }
      int out = y - reach;
      if (out >= 0) {
        for (int t = 0; t < taps; t++) {
          window[t] = rows[reflect(out + Math.min(t, size - 1) - reach, height) % size];
        }
        sum(window, weights, 0.5f, sums, length - 2 * reach);
        put(picture, out, padded);
      }
    }
  }

  private void reserve(int length) {
    if (sums.length < length) {
      shifted = new float[taps][length];
      rows = new float[size][length];
      sums = new float[length];
    }
  }

  /** Lays row {@code y} of all planes side by side, each with its reflected ends. */
  private void pad(Planes picture, int y, int padded) {
    float[] out = shifted[0];
    int width = picture.width();
    for (int c = 0; c < picture.distinct(); c++) {
      int first = c * padded + reach;
      int last = first + width - 1;
      toFloats(picture.plane(c), y * width, out, first, width);
      for (int x = 1; x <= reach; x++) {
        out[first - x] = out[first + x];
        out[last + x] = out[last - x];
      }
    }
  }

  private void put(Planes picture, int y, int padded) {
    int width = picture.width();
    for (int c = 0; c < picture.distinct(); c++) {
      toInts(sums, c * padded, picture.plane(c), y * width, width);
    }
  }

  private static int reflect(int index, int length) {
    if (index < 0) {
      return -index;
    }
    return index < length ? index : 2 * (length - 1) - index;
  }

  /** Adds up from the first weight to the last, as the order of float additions matters. */
  private static void sum(float[][] in, float[] weights, float start, float[] out, int length) {
    first(
        in[0],
        in[1],
        in[2],
        in[3],
        in[4],
        weights[0],
        weights[1],
        weights[2],
        weights[3],
        weights[4],
        start,
        out,
        length);
    for (int t = FIRST; t < weights.length; t += NEXT) {
      next(
          in[t],
          in[t + 1],
          in[t + 2],
          in[t + 3],
          weights[t],
          weights[t + 1],
          weights[t + 2],
          weights[t + 3],
          out,
          length);
    }
  }

  private static void first(
      float[] a,
      float[] b,
      float[] c,
      float[] d,
      float[] e,
      float wa,
      float wb,
      float wc,
      float wd,
      float we,
      float start,
      float[] out,
      int length) {
    for (int i = 0; i < length; i++) {
      out[i] = start + a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd + e[i] * we;
    }
  }

  private static void next(
      float[] a,
      float[] b,
      float[] c,
      float[] d,
      float wa,
      float wb,
      float wc,
      float wd,
      float[] out,
      int length) {
    for (int i = 0; i < length; i++) {
      out[i] = out[i] + a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
    }
  }

  private static void toFloats(int[] in, int start, float[] out, int to, int length) {
    for (int i = 0; i < length; i++) {
      out[to + i] = in[start + i];
    }
  }

  private static void toInts(float[] in, int start, int[] out, int to, int length) {
    for (int i = 0; i < length; i++) {
      out[to + i] = (int) in[start + i];
    }
  }
}
