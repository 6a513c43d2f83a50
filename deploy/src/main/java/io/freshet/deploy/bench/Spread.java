package io.freshet.deploy.bench;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/**
 * One figure of several trainings that differ in their seed.
 *
 * @param bySeed in the seeds' order, at least one
 */
record Spread(double[] bySeed) {
  Spread {
    if (bySeed.length == 0) {
      throw new IllegalArgumentException("a figure of no training; ask for at least one seed");
    }
  }

  static <T> Spread of(Collection<T> trainings, ToDoubleFunction<T> figure) {
    return new Spread(trainings.stream().mapToDouble(figure).toArray());
  }

  double mean() {
    double sum = 0;
    for (double value : bySeed) {
      sum += value;
    }
    return sum / bySeed.length;
  }

  /** Standard deviation between the seeds; 0 for one alone. */
  double deviation() {
    double mean = mean();
    double squares = 0;
    for (double value : bySeed) {
      squares += (value - mean) * (value - mean);
    }
    return bySeed.length < 2 ? 0 : Math.sqrt(squares / (bySeed.length - 1));
  }
}
