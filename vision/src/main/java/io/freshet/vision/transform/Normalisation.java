package io.freshet.vision.transform;

import java.util.Arrays;

/**
 * Maps 8-bit samples to what a network eats: {@code (sample / 255 - mean) / std}, in 32-bit floats.
 *
 * @param mean of R, G, B in 0..1
 * @param std of R, G, B, positive
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, equality is by content
public record Normalisation(float[] mean, float[] std) {
  /** What DINOv2 and most networks were trained with. */
  public static final Normalisation IMAGENET =
      new Normalisation(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

  public Normalisation {
    if (mean.length != 3 || std.length != 3) {
      throw new IllegalArgumentException(
          "mean and std have 3 elements, not %d and %d".formatted(mean.length, std.length));
    }
    for (float s : std) {
      if (!(s > 0)) {
        throw new IllegalArgumentException("std must be positive, not " + s);
      }
    }
    mean = mean.clone();
    std = std.clone();
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  /** The value of each of the 256 samples, by channel. */
  float[][] tables() {
    float[][] tables = new float[3][256];
    for (int c = 0; c < 3; c++) {
      for (int v = 0; v < 256; v++) {
        tables[c][v] = (v / 255f - mean[c]) / std[c];
      }
    }
    return tables;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Normalisation that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "Normalisation[mean=%s, std=%s]".formatted(Arrays.toString(mean), Arrays.toString(std));
  }
}
