package io.freshet.vision.transform;

/**
 * Sums of samples in the fixed point of {@link ResampleWeights}, several arrays of one index at a
 * time and no more than C2 (JDK 17) vectorises in one loop. Stateless.
 */
final class WeightedSums {
  /** Arrays that one call adds. */
  static final int TAPS = 4;

  private WeightedSums() {}

  /**
   * Adds four weighted arrays to {@code out} from {@code from} to {@code to}.
   *
   * @param start where their weights begin in {@code weights}
   * @param left weights that are still to be added, these included; with the last ones the sums
   *     become samples, and arrays beyond them don't count
   * @param begin whether {@code out} begins here
   */
  static void add(
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int[] weights,
      int start,
      int left,
      boolean begin,
      int[] out,
      int from,
      int to) {
    int wa = weights[start];
    int wb = left > 1 ? weights[start + 1] : 0;
    int wc = left > 2 ? weights[start + 2] : 0;
    int wd = left > 3 ? weights[start + 3] : 0;
    if (left > TAPS) {
      if (begin) {
        first(a, b, c, d, wa, wb, wc, wd, out, from, to);
      } else {
        next(a, b, c, d, wa, wb, wc, wd, out, from, to);
      }
    } else if (begin) {
      only(a, b, c, d, wa, wb, wc, wd, out, from, to);
    } else {
      last(a, b, c, d, wa, wb, wc, wd, out, from, to);
    }
  }

  private static void first(
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int[] out,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      out[i] = a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd + ResampleWeights.HALF;
    }
  }

  private static void next(
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int[] out,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      out[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
    }
  }

  private static void only(
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int[] out,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      out[i] = clip(a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd + ResampleWeights.HALF);
    }
  }

  private static void last(
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int[] out,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      out[i] = clip(out[i] + a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd);
    }
  }

  /** To 0..255, by bits: {@code Math.min} of ints isn't vectorised. */
  private static int clip(int sum) {
    int value = sum >> ResampleWeights.PRECISION_BITS;
    value &= ~(value >> 31);
    return (value | ((255 - value) >> 31)) & 0xff;
  }
}
