package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CellRouterTest {
  private static final int DIM = 65;
  private static final String SPACE = "bootstrap@1/features/l2";
  private static final CellSettings SETTINGS = new CellSettings(16, 100, 8, 2, 0.9);

  private final MapTable<Integer, byte[]> founders = new MapTable<>();
  private final MapTable<Integer, Integer> arrivals = new MapTable<>();
  private final Random random = new Random(1);

  @Test
  void theFirstVectorFoundsACellAndItsCopyGoesThere() {
    CellRouter router = router(SETTINGS);
    float[] vector = UnitVectors.random(DIM, random);
    Route first = file(router, vector);
    assertTrue(first.founds());
    assertEquals(Route.NONE, first.parent());
    Route copy = file(router, UnitVectors.atCosine(vector, 0.95, random));
    assertFalse(copy.founds(), "a copy of the founder divides nothing");
    assertEquals(first.home(), copy.home());
    assertArrayEquals(new int[] {first.home()}, copy.cells());
  }

  @Test
  void aFullCellIsDividedInItsShardAndTheRestStay() {
    CellRouter router = router(SETTINGS);
    int divided = 0;
    for (int i = 0; i < 2_000; i++) {
      int cells = router.cells();
      Route route = file(router, UnitVectors.random(DIM, random));
      assertEquals(cells + (route.founds() ? 1 : 0), router.cells());
      if (route.parent() != Route.NONE) {
        divided++;
        assertEquals(cells, route.home(), "cells are numbered as they are founded");
        assertEquals(router.shardOf(route.parent()), router.shardOf(route.home()));
        assertEquals(route.cells()[0], route.parent(), "the nearest is the one that is divided");
      }
    }
    assertEquals(
        SETTINGS.cells() - SETTINGS.firstCells(), divided, "the first vectors found the others");
    assertEquals(SETTINGS.cells(), router.cells(), "no more than there may be");
  }

  @Test
  void looksUpTheCellsOfTheNearestFounders() {
    CellRouter router = router(new CellSettings(16, 24_000, 8, 2, 0.9));
    float[][] founded = new float[12_000][];
    while (router.cells() < 6_000) {
      float[] vector = UnitVectors.random(DIM, random);
      Route route = file(router, vector);
      if (route.founds()) {
        founded[route.home()] = vector;
      }
    }
    int found = 0;
    int queries = 20;
    for (int i = 0; i < queries; i++) {
      int cells = router.cells();
      float[] query = UnitVectors.random(DIM, random);
      int[] byScan =
          IntStream.range(0, cells)
              .boxed()
              .sorted((a, b) -> Double.compare(dot(query, founded[b]), dot(query, founded[a])))
              .limit(8)
              .mapToInt(cell -> cell)
              .toArray();
      Route route = file(router, query);
      if (route.founds()) {
        founded[route.home()] = query;
      }
      found += (int) Arrays.stream(route.cells()).filter(c -> contains(byScan, c)).count();
    }
    assertTrue(found > queries * 8 * 0.98, "%d of %d".formatted(found, queries * 8));
  }

  /** Twenty probes: the descendants of all 25 cells without a parent are compared. */
  @Test
  void theNearestAreFoundAmongCellsThatDivisionsMade() {
    CellRouter router = router(new CellSettings(16, 100, 20, CellSettings.LARGEST_MARGIN, 0.9));
    List<float[]> founded = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      float[] vector = UnitVectors.random(DIM, random);
      if (file(router, vector).founds()) {
        founded.add(vector);
      }
    }
    assertEquals(100, router.cells());
    for (int i = 0; i < 100; i++) {
      float[] query = UnitVectors.random(DIM, random);
      int nearest =
          IntStream.range(0, founded.size())
              .boxed()
              .max((a, b) -> Double.compare(dot(query, founded.get(a)), dot(query, founded.get(b))))
              .orElseThrow();
      int home = file(router, query).home();
      double lacking = dot(query, founded.get(nearest)) - dot(query, founded.get(home));
      assertTrue(
          lacking < 0.01, "cell %d is nearer than %d by %f".formatted(nearest, home, lacking));
    }
  }

  @Test
  void cellsFarBehindTheNearestAreNotLookedUp() {
    double margin = 0.2;
    int undivided = CellSettings.MOST_ENTRIES;
    CellRouter router = router(new CellSettings(undivided, 100, 8, margin, 0.9));
    CellRouter all =
        router(
            new CellSettings(undivided, 100, 8, CellSettings.LARGEST_MARGIN, 0.9),
            new MapTable<>(),
            new MapTable<>());
    int fewer = 0;
    for (int i = 0; i < 500; i++) {
      float[] vector = UnitVectors.random(DIM, random);
      Route route = file(router, vector);
      Route unbounded = file(all, vector);
      assertEquals(unbounded.home(), route.home(), "where it is filed does not depend on it");
      int kept = route.cells().length;
      fewer += kept < unbounded.cells().length ? 1 : 0;
      assertArrayEquals(Arrays.copyOf(unbounded.cells(), kept), route.cells());
      assertTrue(kept > 0 || i == 0, "the nearest is always looked up");
    }
    assertTrue(fewer > 50, fewer + " of 500 were looked up in fewer cells");
  }

  @Test
  void keepsTheCellsWithinAMarginOfTheNearest() {
    NearestCells near =
        new NearestCells(new int[] {4, 2, 9, 1}, new float[] {0.5f, 0.45f, 0.375f, 0.1f});
    assertArrayEquals(new int[] {4, 2, 9}, near.within(0.125).cells());
    assertArrayEquals(new int[] {4}, near.within(0).cells());
    assertArrayEquals(near.cells(), near.within(2).cells());
    assertEquals(0, NearestCells.NONE.within(0.1).size());
  }

  @Test
  void goesOnAfterARestartAsIfThereHadBeenNone() {
    CellRouter router = router(SETTINGS);
    for (int i = 0; i < 1_000; i++) {
      file(router, UnitVectors.random(DIM, random));
    }
    CellRouter restored = router(SETTINGS, founders.copy(), arrivals.copy());
    for (int i = 0; i < 200; i++) {
      float[] vector = UnitVectors.random(DIM, random);
      Route expected = file(router, vector);
      Route actual = file(restored, vector);
      assertArrayEquals(expected.cells(), actual.cells());
      assertArrayEquals(expected.code().planes(), actual.code().planes());
      assertEquals(expected.home(), actual.home());
      assertEquals(expected.parent(), actual.parent());
      assertEquals(router.shardOf(expected.home()), restored.shardOf(actual.home()));
    }
  }

  @Test
  void aBatchIsFiledLikeOneVectorAfterTheOther() {
    CellRouter router = router(SETTINGS);
    CellRouter other = router(SETTINGS, new MapTable<>(), new MapTable<>());
    for (int batch = 0; batch < 40; batch++) {
      List<float[]> vectors = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        vectors.add(
            i % 3 == 2
                ? UnitVectors.atCosine(vectors.get(random.nextInt(i)), 0.8, random)
                : UnitVectors.random(DIM, random));
      }
      List<Route> routes = router.file(vectors);
      for (int i = 0; i < vectors.size(); i++) {
        Route expected = file(other, vectors.get(i));
        assertArrayEquals(expected.cells(), routes.get(i).cells());
        assertEquals(expected.home(), routes.get(i).home());
        assertEquals(expected.founds(), routes.get(i).founds());
        assertEquals(expected.parent(), routes.get(i).parent());
      }
    }
    assertTrue(router.cells() > SETTINGS.firstCells(), "some were divided");
  }

  @Test
  void everyCellIsAskedInTheShardThatHoldsIt() {
    CellRouter router = router(SETTINGS);
    for (int i = 0; i < 1_000; i++) {
      file(router, UnitVectors.random(DIM, random));
    }
    Route route = router.everywhere(UnitVectors.random(DIM, random));
    Map<Integer, int[]> shards = router.byShard(route.cells());
    assertEquals(CellRouter.SHARDS, shards.size());
    shards.forEach(
        (shard, cells) ->
            assertTrue(Arrays.stream(cells).allMatch(cell -> router.shardOf(cell) == shard)));
    assertEquals(router.cells(), shards.values().stream().mapToInt(cells -> cells.length).sum());
  }

  /** Forty concepts, of which one has a third of all vectors. */
  @Test
  void whatLiesTogetherLiesInFewShardsAndNoShardHasMuchMoreThanOthers() {
    CellRouter router = router(new CellSettings(16, 8_000, 16, 0.3, 0.9));
    List<float[]> concepts =
        IntStream.range(0, 40).mapToObj(i -> UnitVectors.random(DIM, random)).toList();
    for (int i = 0; i < 2_000; i++) {
      file(router, ofConcept(concepts));
    }
    assertEquals(2_000, router.cells(), "all found a cell");
    int[] cellsOfShard = new int[CellRouter.SHARDS];
    IntStream.range(0, router.cells()).forEach(cell -> cellsOfShard[router.shardOf(cell)]++);
    int most = Arrays.stream(cellsOfShard).max().orElseThrow();
    int least = Arrays.stream(cellsOfShard).min().orElseThrow();
    assertTrue(most - least <= 60, Arrays.toString(cellsOfShard));
    int visits = 0;
    for (int i = 0; i < 200; i++) {
      Route route = file(router, ofConcept(concepts));
      visits += router.byShard(route.cells()).size();
    }
    assertTrue(visits < 200 * 4, visits + " visits of 200 vectors to 8 shards");
  }

  private float[] ofConcept(List<float[]> concepts) {
    int concept = random.nextInt(3) == 0 ? 0 : random.nextInt(concepts.size());
    return UnitVectors.atCosine(concepts.get(concept), 0.7, random);
  }

  @Test
  void manyVectorsThatAreAlikeDivideNothing() {
    CellRouter router = router(SETTINGS);
    float[] vector = UnitVectors.random(DIM, random);
    for (int i = 0; i < 500; i++) {
      file(router, UnitVectors.atCosine(vector, 0.99, random));
    }
    assertEquals(1, router.cells());
  }

  @Test
  void refusesAnotherEmbedder() {
    file(router(SETTINGS), UnitVectors.random(DIM, random));
    CellRouter restored = new CellRouter(founders, arrivals, SETTINGS, new ScannedFounders());
    assertThrows(
        EmbedderChangedException.class, () -> restored.require("sscd@1/embedding/l2", DIM));
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> restored.require(SPACE, DIM + 1));
    assertTrue(refused.getMessage().contains("dim 65"), refused.getMessage());
  }

  @Test
  void refusesFoundersOfAnotherVersion() {
    file(router(SETTINGS), UnitVectors.random(DIM, random));
    founders.put(0, new byte[65 + DIM]);
    CellRouter restored = new CellRouter(founders, arrivals, SETTINGS, new ScannedFounders());
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> restored.require(SPACE, DIM));
    assertTrue(refused.getMessage().contains("start with empty state"), refused.getMessage());
  }

  @Test
  void refusesSettingsThatCannotWork() {
    assertThrows(IllegalArgumentException.class, () -> new CellSettings(15, 1, 1, 2, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new CellSettings(16, 0, 1, 2, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new CellSettings(16, 1, 0, 2, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new CellSettings(16, 1, 1, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> new CellSettings(16, 1, 1, -0.1, 0.9));
    assertThrows(IllegalArgumentException.class, () -> new CellSettings(16, 1, 1, 2.1, 0.9));
  }

  private static Route file(CellRouter router, float[] vector) {
    return router.file(List.of(vector)).get(0);
  }

  private static boolean contains(int[] values, int value) {
    return Arrays.stream(values).anyMatch(each -> each == value);
  }

  private static double dot(float[] a, float[] b) {
    return UnitVectors.dot(a, b);
  }

  private CellRouter router(CellSettings settings) {
    return router(settings, founders, arrivals);
  }

  private static CellRouter router(
      CellSettings settings,
      MapTable<Integer, byte[]> founders,
      MapTable<Integer, Integer> arrivals) {
    CellRouter router = new CellRouter(founders, arrivals, settings, new ScannedFounders());
    router.require(SPACE, DIM);
    return router;
  }
}
