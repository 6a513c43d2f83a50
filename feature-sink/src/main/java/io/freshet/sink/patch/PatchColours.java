package io.freshet.sink.patch;

import io.freshet.vision.pca.ComponentColours;
import io.freshet.vision.pca.PrincipalComponents;
import java.util.Arrays;

/**
 * The first three principal components of patch tokens as red, green and blue. The same tokens give
 * the same colours.
 *
 * <p>A component's sign means nothing. It is turned so that the component rises with the brightness
 * of the patches, which keeps a thing's colour much the same from one release to the next.
 */
final class PatchColours {
  private PatchColours() {}

  /**
   * @param tokens patches of all images, {@code (P, D)}, P at least 1
   * @param brightness of each patch
   * @return {@code (P, 3)}, one byte a channel
   */
  static byte[] of(float[][] tokens, float[] brightness) {
    PrincipalComponents components =
        PrincipalComponents.of(Arrays.asList(tokens), ComponentColours.CHANNELS);
    double[][] coordinates =
        Arrays.stream(tokens).map(components::coordinates).toArray(double[][]::new);
    for (int channel = 0; channel < ComponentColours.CHANNELS; channel++) {
      if (covariance(coordinates, channel, brightness) < 0) {
        for (double[] patch : coordinates) {
          patch[channel] = -patch[channel];
        }
      }
    }
    return ComponentColours.of(coordinates);
  }

  /** Coordinates are centred already. */
  private static double covariance(double[][] coordinates, int channel, float[] brightness) {
    double mean = 0;
    for (float b : brightness) {
      mean += b / (double) brightness.length;
    }
    double sum = 0;
    for (int i = 0; i < coordinates.length; i++) {
      sum += coordinates[i][channel] * (brightness[i] - mean);
    }
    return sum;
  }
}
