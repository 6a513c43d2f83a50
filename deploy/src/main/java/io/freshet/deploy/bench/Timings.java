package io.freshet.deploy.bench;

import java.util.Arrays;

/**
 * Times of one operation.
 *
 * @param millis of each repetition, in order
 */
record Timings(double[] millis) {
  /** Runs {@code operation} {@code warmups} times unmeasured, then {@code repetitions} times. */
  static Timings of(int warmups, int repetitions, Runnable operation) {
    for (int i = 0; i < warmups; i++) {
      operation.run();
    }
    double[] millis = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      long start = System.nanoTime();
      operation.run();
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    return new Timings(millis);
  }

  double median() {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double best() {
    return Arrays.stream(millis).min().orElseThrow();
  }
}
