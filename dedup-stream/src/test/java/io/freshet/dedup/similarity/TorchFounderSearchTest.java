package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.similarity.TorchFounderSearch.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFounderSearchTest {
  private static final int DIM = 96;
  private static final int MOST = 8;

  /** Two cosines that differ by less may change places. */
  private static final double TOLERANCE = 0.01;

  private final Random random = new Random(5);

  /** Numbers around those at which it makes room, at which it ranks by groups and packs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 255, 256, 257, 300, 1023, 1024, 1025, 2_047, 2_049, 3_001})
  void findsWhatAScanFinds(int founders) {
    List<float[]> all = random(founders);
    List<float[]> queries = random(17);
    ScannedFounders scan = new ScannedFounders();
    scan.add(all);
    List<NearestCells> expected = scan.nearest(queries, MOST);
    for (Precision precision : Precision.values()) {
      try (TorchFounderSearch search = TorchFounderSearch.open(precision)) {
        for (int from = 0; from < founders; from += 100) {
          search.add(all.subList(from, Math.min(founders, from + 100)));
          List<NearestCells> meanwhile = search.nearest(queries.subList(0, 1), MOST);
          assertEquals(Math.min(MOST, Math.min(founders, from + 100)), meanwhile.get(0).size());
        }
        assertSame(all, queries, expected, search.nearest(queries, MOST));
        for (int i = 0; i < 70; i++) {
          search.nearest(queries.subList(0, 1), MOST);
        }
        assertSame(all, queries, expected, search.nearest(queries, MOST));
      }
    }
  }

  /** What is all but one element would be nothing in 8 bits if founders shared a scale. */
  @Test
  void eachVectorHasAScaleOfItsOwn() {
    List<float[]> founders = random(1_100);
    float[] spike = new float[DIM];
    spike[3] = 1;
    founders.set(5, spike);
    List<float[]> queries = List.of(spike, founders.get(7), founders.get(1_099));
    try (TorchFounderSearch search = TorchFounderSearch.open(Precision.INT8)) {
      search.add(founders);
      List<NearestCells> found = search.nearest(queries, 1);
      assertEquals(
          List.of(5, 7, 1_099), found.stream().map(nearest -> nearest.cells()[0]).toList());
      found.forEach(nearest -> assertEquals(1, nearest.cosines()[0], TOLERANCE));
    }
  }

  private static void assertSame(
      List<float[]> founders,
      List<float[]> queries,
      List<NearestCells> expected,
      List<NearestCells> found) {
    assertEquals(queries.size(), found.size());
    for (int i = 0; i < queries.size(); i++) {
      assertSame(founders, queries.get(i), expected.get(i), found.get(i));
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
