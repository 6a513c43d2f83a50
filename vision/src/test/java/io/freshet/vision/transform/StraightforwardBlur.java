package io.freshet.vision.transform;

import java.util.Arrays;

/** torchvision's Gaussian blur, a weight at a time: what {@link GaussianBlur} must equal. */
final class StraightforwardBlur {
  private final int size;
  private final int reach;
  private float[] padded = new float[0];
  private float[] rows = new float[0];
  private float[] sums = new float[0];

  /**
   * @param size pixels of a side of the kernel, odd
   */
  StraightforwardBlur(int size) {
    if (size < 1 || size % 2 == 0) {
      throw new IllegalArgumentException("a kernel has an odd number of pixels, not " + size);
    }
    this.size = size;
    this.reach = size / 2;
  }

  /**
   * Blurs interleaved RGB samples in place.
   *
   * @param width pixels, more than half of the kernel
   * @param height pixels, more than half of the kernel
   */
  void apply(byte[] rgb, int width, int height, double sigma) {
    if (width <= reach || height <= reach) {
      throw new IllegalArgumentException(
          "%d x %d pixels can't be reflected by %d".formatted(width, height, reach));
    }
    float[] kernel = new GaussianBlur(size).kernel(sigma);
    int rowSamples = 3 * width;
    reserve(rowSamples, height);
    for (int y = 0; y < height; y++) {
      pad(rgb, y * rowSamples, width);
      int target = y * rowSamples;
      Arrays.fill(rows, target, target + rowSamples, 0);
      for (int t = 0; t < size; t++) {
        add(padded, 3 * t, kernel[t], rows, target, rowSamples);
      }
    }
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, 0, rowSamples, 0.5f);
      for (int t = 0; t < size; t++) {
        int row = reflect(y + t - reach, height);
        add(rows, row * rowSamples, kernel[t], sums, 0, rowSamples);
      }
      int target = y * rowSamples;
      for (int i = 0; i < rowSamples; i++) {
        rgb[target + i] = (byte) (int) sums[i];
      }
    }
  }

  private void reserve(int rowSamples, int height) {
    if (padded.length < rowSamples + 6 * reach) {
      padded = new float[rowSamples + 6 * reach];
    }
    if (rows.length < rowSamples * height) {
      rows = new float[rowSamples * height];
    }
    if (sums.length < rowSamples) {
      sums = new float[rowSamples];
    }
  }

  private void pad(byte[] rgb, int start, int width) {
    for (int i = 0; i < 3 * width; i++) {
      padded[3 * reach + i] = rgb[start + i] & 0xff;
    }
    for (int x = 1; x <= reach; x++) {
      for (int c = 0; c < 3; c++) {
        padded[3 * (reach - x) + c] = padded[3 * (reach + x) + c];
        padded[3 * (reach + width - 1 + x) + c] = padded[3 * (reach + width - 1 - x) + c];
      }
    }
  }

  private static int reflect(int index, int length) {
    if (index < 0) {
      return -index;
    }
    return index < length ? index : 2 * (length - 1) - index;
  }

  private static void add(float[] in, int start, float weight, float[] out, int to, int length) {
    for (int i = 0; i < length; i++) {
      out[to + i] += in[start + i] * weight;
    }
  }
}
