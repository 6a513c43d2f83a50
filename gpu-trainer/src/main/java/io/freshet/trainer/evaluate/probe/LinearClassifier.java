package io.freshet.trainer.evaluate.probe;

/**
 * Scores that are linear in a feature: {@code weight x feature + bias}. Immutable; the arrays are
 * owned, not copied.
 */
public final class LinearClassifier {
  private final double[][] weight;
  private final double[] bias;

  /**
   * @param weight (classes, dim)
   * @param bias (classes)
   */
  LinearClassifier(double[][] weight, double[] bias) {
    if (weight.length != bias.length || weight.length == 0) {
      throw new IllegalArgumentException(
          "%d rows of weights and %d biases; each class needs one of both"
              .formatted(weight.length, bias.length));
    }
    this.weight = weight;
    this.bias = bias;
  }

  double[][] weight() {
    return weight;
  }

  double[] bias() {
    return bias;
  }

  /** The probability of each class, (rows, classes). */
  public double[][] probabilities(float[][] features) {
    double[][] probabilities = new double[features.length][];
    for (int row = 0; row < features.length; row++) {
      probabilities[row] = softmax(scores(features[row]));
    }
    return probabilities;
  }

  /** The most likely class of each row; the first of equally likely ones. */
  public int[] predictions(float[][] features) {
    int[] predictions = new int[features.length];
    for (int row = 0; row < features.length; row++) {
      double[] scores = scores(features[row]);
      for (int k = 1; k < scores.length; k++) {
        predictions[row] = scores[k] > scores[predictions[row]] ? k : predictions[row];
      }
    }
    return predictions;
  }

  private double[] scores(float[] feature) {
    double[] scores = bias.clone();
    for (int k = 0; k < scores.length; k++) {
      double[] weights = weight[k];
      double sum = 0;
      for (int i = 0; i < feature.length; i++) {
        sum += weights[i] * feature[i];
      }
      scores[k] += sum;
    }
    return scores;
  }

  private static double[] softmax(double[] scores) {
    double highest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      highest = Math.max(highest, score);
    }
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      scores[k] = Math.exp(scores[k] - highest);
      sum += scores[k];
    }
    for (int k = 0; k < scores.length; k++) {
      scores[k] /= sum;
    }
    return scores;
  }
}
