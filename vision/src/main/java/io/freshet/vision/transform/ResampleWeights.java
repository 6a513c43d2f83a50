package io.freshet.vision.transform;

/**
 * Which source pixels make each output pixel along one axis, and with which weight, in the fixed
 * point of Pillow (22 bits behind the point). Reused from call to call; one owner thread.
 */
final class ResampleWeights {
  /** 32 bits less 8 of the sample and 2 for overshoot and sign. */
  static final int PRECISION_BITS = 22;

  static final int HALF = 1 << (PRECISION_BITS - 1);

  int[] first = new int[0];
  int[] count = new int[0];

  /** {@code taps} weights for each output. */
  int[] weights = new int[0];

  int taps;
  private double[] raw = new double[0];

  /**
   * Computes outputs {@code start} to {@code start + length} of a picture that is {@code out} wide.
   */
  void compute(int in, int out, int start, int length, Resampling filter) {
    double scale = (double) in / out;
    double filterScale = Math.max(scale, 1);
    double support = filter.support * filterScale;
    double inverse = 1 / filterScale;
    taps = (int) Math.ceil(support) * 2 + 1;
    reserve(length);
    for (int i = 0; i < length; i++) {
      double centre = (start + i + 0.5) * scale;
      int low = Math.max(0, (int) (centre - support + 0.5));
      int high = Math.min(in, (int) (centre + support + 0.5));
      double sum = 0;
      for (int x = low; x < high; x++) {
        double weight = filter.weight((x - centre + 0.5) * inverse);
        raw[x - low] = weight;
        sum += weight;
      }
      first[i] = low;
      count[i] = high - low;
      for (int t = 0; t < high - low; t++) {
        double weight = sum == 0 ? raw[t] : raw[t] / sum;
        weights[i * taps + t] = (int) (weight * (1 << PRECISION_BITS) + (weight < 0 ? -0.5 : 0.5));
      }
    }
  }

  private void reserve(int length) {
    if (first.length < length) {
      first = new int[length];
      count = new int[length];
    }
    if (weights.length < length * taps) {
      weights = new int[length * taps];
    }
    if (raw.length < taps) {
      raw = new double[taps];
    }
  }
}
