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

  /** The vectors, (rows, dim); not to be changed. */
  public float[][] features() {
    return features;
  }

  /** The class of each row; not to be changed. */
  public int[] labels() {
    return labels;
  }

  public int size() {
    return labels.length;
  }

  public int label(int row) {
    return labels[row];
  }

  /** Number of classes: the highest label + 1. */
  public int classes() {
    return Arrays.stream(labels).max().orElse(-1) + 1;
  }

  /** Length of each vector; 0 when there is none. */
  public int dim() {
    return features.length == 0 ? 0 : features[0].length;
  }

  /** The given rows, in that order. */
  public LabelledFeatures rows(int... picked) {
    float[][] some = new float[picked.length][];
    int[] theirs = new int[picked.length];
    for (int i = 0; i < picked.length; i++) {
      some[i] = features[picked[i]];
      theirs[i] = labels[picked[i]];
    }
    return new LabelledFeatures(some, theirs);
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
    double[] sum = new double[dim()];
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
