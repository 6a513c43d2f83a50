package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the cells lose: the index against an exhaustive search over 20,000 vectors shaped like a
 * network's features, for copies whose cosines spread evenly from the threshold to 1.
 */
class VectorIndexRecallTest {
  private static final int DIM = 128;
  private static final int STORED = 20_000;
  private static final int QUERIES = 400;
  private static final double THRESHOLD = 0.95;
  private static final long SEED = 17;

  private static final List<float[]> stored = new ArrayList<>();
  private static final List<float[]> queries = new ArrayList<>();
  private static final List<Integer> nearest = new ArrayList<>();

  @BeforeAll
  static void makeVectors() {
    Random random = new Random(SEED);
    float[] centre = new float[DIM];
    for (int i = 0; i < DIM; i++) {
      centre[i] = (float) Math.exp(random.nextGaussian());
    }
    for (int i = 0; i < STORED; i++) {
      stored.add(UnitVectors.rectified(centre, 0.5, random));
    }
    for (int i = 0; i < QUERIES; i++) {
      double cosine = THRESHOLD + (1 - THRESHOLD) * (i + 0.5) / QUERIES;
      float[] query = UnitVectors.atCosine(stored.get(random.nextInt(STORED)), cosine, random);
      queries.add(query);
      nearest.add(scan(query));
    }
  }

  @Test
  void allCellsLoseNothing() {
    assertEquals(1.0, recall(CellSettings.MOST_CELLS));
  }

  @Test
  void anEighthOfTheCellsFindsAlmostAll() {
    double recall = recall(40);
    assertTrue(recall >= 0.97, "recall %.4f, seed %d".formatted(recall, SEED));
  }

  @Test
  void probingFewerCellsLosesMore() {
    double recall = recall(1);
    assertTrue(recall < 0.95, "1 of some 300 cells can't have it all: %.4f".formatted(recall));
  }

  private static double recall(int probes) {
    CellRouter router =
        new CellRouter(
            new MapTable<>(),
            new MapTable<>(),
            new CellSettings(128, 512, probes, 2, THRESHOLD),
            new ScannedFounders());
    VectorIndex index =
        new VectorIndex(
            new MapTable<>(), new MapTable<>(), Retention.ALL, VectorIndex.Layout.PLAIN);
    router.require("s", DIM);
    index.require("s", DIM);
    for (int i = 0; i < STORED; i++) {
      Route route = router.file(List.of(stored.get(i))).get(0);
      if (route.founds()) {
        index.found(route.home(), route.parent(), stored.get(i));
      }
      index.add(Integer.toString(i), 0, route.home(), stored.get(i), route.code(), 0);
    }
    int cells = router.cells();
    int found = 0;
    for (int i = 0; i < QUERIES; i++) {
      float[] query = queries.get(i);
      Route route = router.file(List.of(query)).get(0);
      Probe probe = new Probe(query, route.query(), route.cells(), 0);
      var matches = index.matches(probe, CopyBound.ofCosine(THRESHOLD), 1024);
      boolean isFound =
          !matches.isEmpty() && matches.get(0).imageId().equals(Integer.toString(nearest.get(i)));
      found += isFound ? 1 : 0;
    }
    System.out.printf("%d cells, %d probed: recall %d/%d%n", cells, probes, found, QUERIES);
    return (double) found / QUERIES;
  }

  private static int scan(float[] query) {
    int best = 0;
    double highest = -1;
    for (int i = 0; i < stored.size(); i++) {
      double cosine = UnitVectors.dot(query, stored.get(i));
      if (cosine > highest) {
        highest = cosine;
        best = i;
      }
    }
    return best;
  }
}
