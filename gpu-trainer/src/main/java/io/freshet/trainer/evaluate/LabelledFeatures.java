package io.freshet.trainer.evaluate;

import java.util.Arrays;

/** Feature vectors, all of one length, each with the number of its class. Not copied: owned. */
public final class LabelledFeatures {
  private final float[][] features;
  private final int[] labels;

  /**
   * @param features (rows, dim), finite
   * @param labels class of each row, from 0
   */
  public LabelledFeatures(float[][] features, int[] labels) {
    if (features.length != labels.length) {
      throw new IllegalArgumentException(
          "%d vectors but %d labels; each vector needs one"
              .formatted(features.length, labels.length));
    }
    for (int row = 0; row < features.length; row++) {
      if (features[row].length != features[0].length) {
        throw new IllegalArgumentException(
            "vector %d has %d elements, vector 0 has %d; all must come from one space"
                .formatted(row, features[row].length, features[0].length));
      }
      if (labels[row] < 0) {
        throw new IllegalArgumentException("label " + labels[row] + " of vector " + row);
      }
    }
    this.features = features;
    this.labels = labels;
  }

  float[][] features() {
    return features;
  }

  int[] labels() {
    return labels;
  }

  public int size() {
    return labels.length;
  }

  int label(int row) {
    return labels[row];
  }

  /** Number of classes: the highest label + 1. */
  int classes() {
    return Arrays.stream(labels).max().orElse(-1) + 1;
  }

  /** These vectors with {@code mean} (of the bank) subtracted from each. */
  LabelledFeatures minus(float[] mean) {
    float[][] centred = new float[features.length][];
    for (int row = 0; row < centred.length; row++) {
      centred[row] = features[row].clone();
      for (int i = 0; i < mean.length; i++) {
        centred[row][i] -= mean[i];
      }
    }
    return new LabelledFeatures(centred, labels);
  }

  float[] mean() {
    double[] sum = new double[features.length == 0 ? 0 : features[0].length];
    for (float[] row : features) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += row[i];
      }
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / features.length);
    }
    return mean;
  }
}
