package io.freshet.dedup.similarity;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What each image of a sequence is compared with, from the whole of those before it. */
public final class BackgroundOracle {
  private BackgroundOracle() {}

  /** The excess of each image of a sequence that nothing interrupts. */
  public static float[] excess(
      List<String> imageIds, List<float[]> vectors, Normalisation settings, double copies) {
    float[] excess = new float[imageIds.size()];
    List<float[]> background = List.of();
    double usual = Double.NaN;
    int from = 0;
    for (int i = 0; i < excess.length; i++) {
      int period = background.isEmpty() ? settings.background() : settings.renewal();
      if (i == from + period) {
        background =
            IntStream.range(from, i)
                .boxed()
                .sorted(Comparator.comparing(image -> Background.rank(imageIds.get(image))))
                .limit(settings.background())
                .map(image -> rounded(vectors.get(image)))
                .toList();
        usual = usual(background, settings, copies);
        from = i;
      }
      double mean = ScannedBackground.mean(background, vectors.get(i), settings.nearest(), copies);
      excess[i] = Double.isNaN(mean - usual) ? 0 : (float) (mean - usual);
    }
    return excess;
  }

  private static double usual(List<float[]> background, Normalisation settings, double copies) {
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < background.size(); i++) {
      List<float[]> others = new ArrayList<>(background);
      others.remove(i);
      double mean = ScannedBackground.mean(others, background.get(i), settings.nearest(), copies);
      if (!Double.isNaN(mean)) {
        means.add(mean);
      }
    }
    return means.stream().mapToDouble(mean -> mean).average().orElse(Double.NaN);
  }

  private static float[] rounded(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(vector.length);
    ByteVector.write(vector, bytes);
    return ByteVector.read(bytes.array(), 0);
  }
}
