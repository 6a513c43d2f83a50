package io.freshet.vision.transform;

import java.util.Arrays;

/**
 * Crops and resizes interleaved 8-bit samples in one go, equal to Pillow's crop followed by its
 * resize: a horizontal pass rounded to 8 bits, then a vertical one. Keeps its buffers; one owner
 * thread.
 */
final class Resampler {
  private final ResampleWeights across = new ResampleWeights();
  private final ResampleWeights down = new ResampleWeights();

  /** The rows after the horizontal pass: 8-bit values, held as ints because those vectorise. */
  private int[] narrow = new int[0];

  private int[] sums = new int[0];

  /**
   * Resizes {@code crop} to {@code fullWidth} x {@code fullHeight} and keeps {@code window} of
   * that.
   *
   * @param channels samples a pixel
   * @param out takes {@code window.width * window.height * channels} samples
   */
  void resize(
      byte[] in,
      int inWidth,
      int channels,
      Crop crop,
      int fullWidth,
      int fullHeight,
      Crop window,
      Resampling filter,
      byte[] out) {
    across.compute(crop.width(), fullWidth, window.left(), window.width(), filter);
    down.compute(crop.height(), fullHeight, window.top(), window.height(), filter);
    int last = window.height() - 1;
    int firstRow = down.first[0];
    int endRow = down.first[last] + down.count[last];
    int rowSamples = window.width() * channels;
    int needed = Math.multiplyExact(endRow - firstRow, rowSamples);
    if (narrow.length < needed) {
      narrow = new int[needed];
    }
    for (int y = firstRow; y < endRow; y++) {
      int source = ((crop.top() + y) * inWidth + crop.left()) * channels;
      int target = (y - firstRow) * rowSamples;
      if (crop.width() == fullWidth) {
        widen(in, source + window.left() * channels, narrow, target, rowSamples);
      } else if (channels == 3) {
        acrossRgb(in, source, narrow, target, window.width());
      } else {
        across(in, source, narrow, target, window.width(), channels);
      }
    }
    if (crop.height() == fullHeight) {
      narrowTo(narrow, (window.top() - firstRow) * rowSamples, out, rowSamples * window.height());
      return;
    }
    for (int y = 0; y < window.height(); y++) {
      down(y, firstRow, rowSamples, out);
    }
  }

  private void acrossRgb(byte[] in, int source, int[] out, int target, int width) {
    int[] weights = across.weights;
    int at = target;
    for (int x = 0; x < width; x++) {
      int red = ResampleWeights.HALF;
      int green = ResampleWeights.HALF;
      int blue = ResampleWeights.HALF;
      int pixel = source + 3 * across.first[x];
      int tap = x * across.taps;
      int end = tap + across.count[x];
      for (; tap < end; tap++) {
        int weight = weights[tap];
        red += (in[pixel] & 0xff) * weight;
        green += (in[pixel + 1] & 0xff) * weight;
        blue += (in[pixel + 2] & 0xff) * weight;
        pixel += 3;
      }
      out[at] = clip(red);
      out[at + 1] = clip(green);
      out[at + 2] = clip(blue);
      at += 3;
    }
  }

  private void across(byte[] in, int source, int[] out, int target, int width, int channels) {
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < channels; c++) {
        int sum = ResampleWeights.HALF;
        for (int t = 0; t < across.count[x]; t++) {
          int sample = in[source + (across.first[x] + t) * channels + c] & 0xff;
          sum += sample * across.weights[x * across.taps + t];
        }
        out[target + x * channels + c] = clip(sum);
      }
    }
  }

  private void down(int y, int firstRow, int rowSamples, byte[] out) {
    if (sums.length < rowSamples) {
      sums = new int[rowSamples];
    }
    Arrays.fill(sums, 0, rowSamples, ResampleWeights.HALF);
    for (int t = 0; t < down.count[y]; t++) {
      int row = (down.first[y] + t - firstRow) * rowSamples;
      addRow(narrow, row, down.weights[y * down.taps + t], sums, rowSamples);
    }
    int target = y * rowSamples;
    for (int i = 0; i < rowSamples; i++) {
      out[target + i] = (byte) clip(sums[i]);
    }
  }

  private static void addRow(int[] rows, int start, int weight, int[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += rows[start + i] * weight;
    }
  }

  private static void widen(byte[] in, int start, int[] out, int target, int length) {
    for (int i = 0; i < length; i++) {
      out[target + i] = in[start + i] & 0xff;
    }
  }

  private static void narrowTo(int[] in, int start, byte[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = (byte) in[start + i];
    }
  }

  private static int clip(int sum) {
    return Math.max(0, Math.min(255, sum >> ResampleWeights.PRECISION_BITS));
  }
}
