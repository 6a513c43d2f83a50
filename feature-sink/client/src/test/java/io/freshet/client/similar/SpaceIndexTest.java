package io.freshet.client.similar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The graph under inserts, replacements and removals against an exact search. */
class SpaceIndexTest {
  private static final int DIM = 16;

  @Test
  void findsWhatAnExactSearchFindsWhileFeaturesComeAndGo() {
    Random random = new Random(7);
    Map<String, float[]> held = new HashMap<>();
    int found = 0;
    int wanted = 0;
    try (SpaceIndex index = new SpaceIndex(DIM)) {
      for (int step = 0; step < 3_000; step++) {
        String image = "image" + random.nextInt(1_500);
        if (random.nextInt(3) == 0) {
          index.remove(image);
          held.remove(image);
        } else {
          float[] vector = unit(random);
          index.put(image, vector);
          held.put(image, vector);
        }
        assertEquals(held.size(), index.size());
        if (step % 100 == 99) {
          float[] query = unit(random);
          List<String> exact = exact(held, query);
          List<SimilarImages.Match> near = index.nearest(query, 10);
          for (SimilarImages.Match match : near) {
            assertEquals(dot(query, held.get(match.imageId())), match.cosine(), 1e-4);
          }
          wanted += exact.size();
          found += (int) near.stream().filter(m -> exact.contains(m.imageId())).count();
        }
      }
    }
    double recall = (double) found / wanted;
    assertTrue(recall > 0.95, "recall " + recall);
  }

  @Test
  void findsNothingInNothing() {
    try (SpaceIndex index = new SpaceIndex(DIM)) {
      float[] query = unit(new Random(1));
      assertEquals(List.of(), index.nearest(query, 5));
      index.put("a", query);
      index.remove("a");
      assertEquals(List.of(), index.nearest(query, 5));
    }
  }

  private static List<String> exact(Map<String, float[]> held, float[] query) {
    List<String> images = new ArrayList<>(held.keySet());
    images.sort(Comparator.comparingDouble(image -> -dot(query, held.get(image))));
    return images.subList(0, Math.min(10, images.size()));
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < DIM; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static float[] unit(Random random) {
    float[] vector = new float[DIM];
    double squares = 0;
    for (int i = 0; i < DIM; i++) {
      vector[i] = (float) random.nextGaussian();
      squares += vector[i] * vector[i];
    }
    for (int i = 0; i < DIM; i++) {
      vector[i] /= (float) Math.sqrt(squares);
    }
    return vector;
  }
}
