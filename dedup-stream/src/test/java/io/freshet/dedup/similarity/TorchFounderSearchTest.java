package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFounderSearchTest {
  private static final int DIM = 96;
  private static final int MOST = 8;

  /** Two cosines that differ by less may change places where products are in bfloat16. */
  private static final double TOLERANCE = 0.01;

  private final Random random = new Random(5);

  /** Numbers around those at which it makes room and at which it ranks by groups. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 255, 256, 257, 300, 1023, 1024, 1025, 3_001})
  void findsWhatAScanFinds(int founders) {
    List<float[]> all = random(founders);
    List<float[]> queries = random(17);
    ScannedFounders scan = new ScannedFounders();
    scan.add(all);
    try (TorchFounderSearch search = TorchFounderSearch.open()) {
      for (int from = 0; from < founders; from += 100) {
        search.add(all.subList(from, Math.min(founders, from + 100)));
      }
      List<NearestCells> found = search.nearest(queries, MOST);
      List<NearestCells> expected = scan.nearest(queries, MOST);
      assertEquals(queries.size(), found.size());
      for (int i = 0; i < queries.size(); i++) {
        assertSame(all, queries.get(i), expected.get(i), found.get(i));
      }
    }
  }

  private static void assertSame(
      List<float[]> founders, float[] query, NearestCells expected, NearestCells found) {
    assertEquals(expected.size(), found.size());
    Set<Integer> cells = Arrays.stream(found.cells()).boxed().collect(Collectors.toSet());
    assertEquals(found.size(), cells.size(), "each cell once");
    for (int i = 0; i < found.size(); i++) {
      double cosine = UnitVectors.dot(query, founders.get(found.cells()[i]));
      assertEquals(cosine, found.cosines()[i], TOLERANCE);
      assertEquals(expected.cosines()[i], found.cosines()[i], TOLERANCE);
      assertTrue(i == 0 || found.cosines()[i - 1] >= found.cosines()[i], "the nearest first");
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
