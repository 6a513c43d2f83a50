package io.freshet.sink.patch;

import java.util.Arrays;

/**
 * The first three principal components of patch tokens as red, green and blue: the picture that
 * DINOv2 is known for (its figure 1). Components come by orthogonal iteration from fixed
 * directions, so the same tokens give the same colours.
 *
 * <p>A component's sign means nothing. It is turned so that the component rises with the brightness
 * of the patches, which keeps a thing's colour much the same from one release to the next.
 */
final class PatchColours {
  private static final int CHANNELS = 3;
  private static final int ITERATIONS = 60;

  /** Share of the patches that may saturate at either end of a channel. */
  private static final double TRIMMED = 0.02;

  private PatchColours() {}

  /**
   * @param tokens patches of all images, {@code (P, D)}, P at least 1
   * @param brightness of each patch
   * @return {@code (P, 3)}, one byte a channel
   */
  static byte[] of(float[][] tokens, float[] brightness) {
    double[][] centred = centred(tokens);
    double[][] components = components(centred);
    byte[] rgb = new byte[CHANNELS * tokens.length];
    for (int channel = 0; channel < CHANNELS; channel++) {
      double[] along = project(centred, components[channel]);
      if (correlation(along, brightness) < 0) {
        for (int i = 0; i < along.length; i++) {
          along[i] = -along[i];
        }
      }
      paint(along, rgb, channel);
    }
    return rgb;
  }

  private static double[][] centred(float[][] tokens) {
    int dim = tokens[0].length;
    double[] mean = new double[dim];
    for (float[] token : tokens) {
      for (int d = 0; d < dim; d++) {
        mean[d] += token[d] / (double) tokens.length;
      }
    }
    double[][] centred = new double[tokens.length][dim];
    for (int p = 0; p < tokens.length; p++) {
      for (int d = 0; d < dim; d++) {
        centred[p][d] = tokens[p][d] - mean[d];
      }
    }
    return centred;
  }

  private static double[][] components(double[][] rows) {
    double[][] covariance = covariance(rows);
    int dim = covariance.length;
    double[][] directions = new double[CHANNELS][dim];
    for (int c = 0; c < CHANNELS; c++) {
      for (int d = 0; d < dim; d++) {
        directions[c][d] = Math.sin(1.0 + (c + 1) * (d + 1));
      }
    }
    for (int i = 0; i < ITERATIONS; i++) {
      for (int c = 0; c < CHANNELS; c++) {
        directions[c] = project(covariance, directions[c]);
      }
      orthonormalise(directions);
    }
    return directions;
  }

  private static double[][] covariance(double[][] rows) {
    int dim = rows[0].length;
    double[][] covariance = new double[dim][dim];
    for (double[] row : rows) {
      for (int i = 0; i < dim; i++) {
        double[] into = covariance[i];
        for (int j = 0; j < dim; j++) {
          into[j] += row[i] * row[j];
        }
      }
    }
    return covariance;
  }

  /** Gram-Schmidt; a direction without any variance left becomes zero. */
  private static void orthonormalise(double[][] directions) {
    for (int c = 0; c < directions.length; c++) {
      double before = Math.sqrt(dot(directions[c], directions[c]));
      for (int earlier = 0; earlier < c; earlier++) {
        double along = dot(directions[c], directions[earlier]);
        for (int d = 0; d < directions[c].length; d++) {
          directions[c][d] -= along * directions[earlier][d];
        }
      }
      double norm = Math.sqrt(dot(directions[c], directions[c]));
      double factor = norm > 1e-9 * before ? 1 / norm : 0;
      for (int d = 0; d < directions[c].length; d++) {
        directions[c][d] *= factor;
      }
    }
  }

  private static double[] project(double[][] rows, double[] direction) {
    double[] along = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      along[i] = dot(rows[i], direction);
    }
    return along;
  }

  private static double correlation(double[] along, float[] brightness) {
    double mean = 0;
    for (float b : brightness) {
      mean += b / (double) brightness.length;
    }
    double sum = 0;
    for (int i = 0; i < along.length; i++) {
      sum += along[i] * (brightness[i] - mean);
    }
    return sum;
  }

  private static void paint(double[] along, byte[] rgb, int channel) {
    double[] sorted = along.clone();
    Arrays.sort(sorted);
    double low = sorted[(int) (TRIMMED * (sorted.length - 1))];
    double high = sorted[(int) ((1 - TRIMMED) * (sorted.length - 1))];
    for (int p = 0; p < along.length; p++) {
      double share = (along[p] - low) / Math.max(high - low, 1e-12);
      rgb[CHANNELS * p + channel] = (byte) Math.round(255 * Math.min(1, Math.max(0, share)));
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
