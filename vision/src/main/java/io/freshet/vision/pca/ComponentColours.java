package io.freshet.vision.pca;

import java.util.Arrays;

/**
 * The first three components of vectors as red, green and blue, such as of patch tokens: the
 * picture that DINOv2 is known for (its figure 1).
 */
public final class ComponentColours {
  /** Components that have a colour. */
  public static final int CHANNELS = 3;

  /** Share of the vectors that may saturate at either end of a channel. */
  private static final double TRIMMED = 0.02;

  private ComponentColours() {}

  /**
   * @param coordinates of each vector, (P, 3), P at least 1
   * @return (P, 3), one byte a channel, each channel over its whole range
   */
  public static byte[] of(double[][] coordinates) {
    byte[] rgb = new byte[CHANNELS * coordinates.length];
    for (int channel = 0; channel < CHANNELS; channel++) {
      int component = channel;
      double[] sorted =
          Arrays.stream(coordinates).mapToDouble(c -> c[component]).sorted().toArray();
      double low = sorted[(int) (TRIMMED * (sorted.length - 1))];
      double high = sorted[(int) ((1 - TRIMMED) * (sorted.length - 1))];
      for (int vector = 0; vector < coordinates.length; vector++) {
        double share = (coordinates[vector][channel] - low) / Math.max(high - low, 1e-12);
        rgb[CHANNELS * vector + channel] = (byte) Math.round(255 * Math.min(1, Math.max(0, share)));
      }
    }
    return rgb;
  }
}
