package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TorchBackgroundSearchTest {
  private static final int DIM = 48;

  private final Random random = new Random(6);

  @Test
  void findsTheMeansThatAScanFindsAlsoAfterAReplacement() {
    List<float[]> queries = random(33);
    ScannedBackground scan = new ScannedBackground();
    try (TorchBackgroundSearch search = TorchBackgroundSearch.open()) {
      for (int images : new int[] {2, 500, 40}) {
        List<float[]> background = random(images);
        background.set(1, queries.get(0));
        search.replace(background);
        scan.replace(background);
        for (int nearest : new int[] {1, 3, 64}) {
          for (double copies : new double[] {0.95, 0.2}) {
            assertArrayEquals(
                scan.means(queries, nearest, copies),
                search.means(queries, nearest, copies),
                1e-5f,
                "%d of %d up to %s".formatted(nearest, images, copies));
          }
        }
      }
    }
  }

  @Test
  void saysSoWhereAllAreCopies() {
    List<float[]> images = random(3);
    try (TorchBackgroundSearch search = TorchBackgroundSearch.open()) {
      search.replace(images);
      assertTrue(Float.isNaN(search.means(images, 2, -1)[0]));
    }
  }

  private List<float[]> random(int count) {
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      vectors.add(UnitVectors.random(DIM, random));
    }
    return vectors;
  }
}
