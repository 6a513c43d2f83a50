package io.freshet.deploy.bench;

/**
 * What a training in phases knows after each of them, and the figures that the field draws from it.
 *
 * @param percent row i: after phase i; column j: accuracy on the classes of phase j, in percent;
 *     square, of at least two phases
 */
record AccuracyMatrix(double[][] percent) {
  AccuracyMatrix {
    if (percent.length < 2) {
      throw new IllegalArgumentException(
          "%d phases; nothing can be forgotten before the second".formatted(percent.length));
    }
    for (double[] row : percent) {
      if (row.length != percent.length) {
        throw new IllegalArgumentException(
            "%d phases, but accuracies on %d".formatted(percent.length, row.length));
      }
    }
  }

  int phases() {
    return percent.length;
  }

  private double[] last() {
    return percent[phases() - 1];
  }

  /** Mean over the phases, after the last (ACC of Lopez-Paz and Ranzato, arXiv 1706.08840). */
  double averageAccuracy() {
    double sum = 0;
    for (double accuracy : last()) {
      sum += accuracy;
    }
    return sum / phases();
  }

  /**
   * How far each phase but the last ended below the best that was known of it since it was shown,
   * in points on average (Chaudhry et al., arXiv 1801.10112). Below 0 when later phases helped the
   * earlier ones.
   */
  double forgetting() {
    double sum = 0;
    for (int phase = 0; phase < phases() - 1; phase++) {
      double best = percent[phase][phase];
      for (int after = phase + 1; after < phases() - 1; after++) {
        best = Math.max(best, percent[after][phase]);
      }
      sum += best - last()[phase];
    }
    return sum / (phases() - 1);
  }

  /**
   * What the phases after it did to each phase but the last, in points on average (BWT of Lopez-Paz
   * and Ranzato). Below 0 is forgetting.
   */
  double backwardTransfer() {
    double sum = 0;
    for (int phase = 0; phase < phases() - 1; phase++) {
      sum += last()[phase] - percent[phase][phase];
    }
    return sum / (phases() - 1);
  }
}
