package io.freshet.dedup.similarity;

import java.util.Arrays;
import java.util.List;

/** Compares with the whole background, one by one: the oracle of other searches. */
public final class ScannedBackground implements BackgroundSearch {
  private List<float[]> background = List.of();

  @Override
  public void replace(List<float[]> images) {
    background = List.copyOf(images);
  }

  @Override
  public float[] means(List<float[]> vectors, int nearest, double copies) {
    float[] means = new float[vectors.size()];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) mean(background, vectors.get(i), nearest, copies);
    }
    return means;
  }

  static double mean(List<float[]> background, float[] vector, int nearest, double copies) {
    double[] cosines =
        background.stream()
            .mapToDouble(other -> UnitVectors.dot(other, vector))
            .filter(cosine -> cosine <= copies)
            .sorted()
            .toArray();
    return Arrays.stream(cosines)
        .skip(Math.max(0, cosines.length - nearest))
        .average()
        .orElse(Double.NaN);
  }

  @Override
  public void close() {
    // Holds nothing but heap.
  }
}
