package io.freshet.vision.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Draws which samples keep their residuals: for each block, for attention then FFN, for each batch
 * of the list, {@code max(int(b * (1 - rate)), 1)} of its b samples, in random order. Drawn outside
 * the script so that a resumed or replayed step uses the same ones.
 */
public final class StochasticDepth {

  private StochasticDepth() {}

  /**
   * @param rates drop rate of each block, each in [0, 1)
   * @param batches samples of each batch of the packed list, each at least 1
   * @return the kept indices in the order that {@code forward_features_list} takes; empty when
   *     every rate is 0
   */
  public static List<long[]> draw(RandomGenerator random, double[] rates, int... batches) {
    List<long[]> kept = new ArrayList<>();
    boolean any = false;
    for (double rate : rates) {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("drop rate must be in [0, 1), was " + rate);
      }
      any |= rate > 0;
    }
    if (!any) {
      return kept;
    }
    for (double rate : rates) {
      for (int residual = 0; residual < 2; residual++) {
        for (int batch : batches) {
          kept.add(keep(random, batch, Math.max((int) (batch * (1 - rate)), 1)));
        }
      }
    }
    return kept;
  }

  /** The same rate in every block, as DINOv2 trains. */
  public static double[] uniform(double rate, int depth) {
    double[] rates = new double[depth];
    Arrays.fill(rates, rate);
    return rates;
  }

  /** Rates that rise from 0 in the first block to {@code rate} in the last. */
  public static double[] linear(double rate, int depth) {
    double[] rates = new double[depth];
    for (int i = 0; i < depth; i++) {
      rates[i] = depth == 1 ? 0 : rate * i / (depth - 1);
    }
    return rates;
  }

  private static long[] keep(RandomGenerator random, int batch, int count) {
    long[] order = new long[batch];
    for (int i = 0; i < batch; i++) {
      order[i] = i;
    }
    long[] kept = new long[count];
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(batch - i);
      kept[i] = order[j];
      order[j] = order[i];
    }
    return kept;
  }
}
