package io.freshet.dedup.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** The 16 rows against a scan of everything, with distances crowded around the limit. */
class HashRowPropertyTest {
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void someRowFindsWhatAScanOfAllStoredHashesFinds(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 31) int maxDistance) {
    Random random = new Random(seed);
    List<HashRow> rows = rows(maxDistance);
    List<BitCode> stored = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      BitCode code = Codes.random(random);
      String imageId = Integer.toString(i);
      rows.forEach(row -> row.add(imageId, 0, List.of(code)));
      stored.add(code);
    }
    for (int i = 0; i < 60; i++) {
      int distance = Math.max(0, maxDistance - 2) + random.nextInt(5);
      BitCode[] variants = Dihedral.variants(stored.get(random.nextInt(stored.size())));
      BitCode query =
          random.nextBoolean()
              ? Codes.flipAnywhere(variants[random.nextInt(8)], distance, random)
              : Codes.flipEvenly(variants[random.nextInt(8)], distance, random);
      assertEquals(scan(stored, query, maxDistance), search(rows, query));
    }
  }

  @Property(tries = 200)
  void symmetriesAreIsometries(@ForAll long seed) {
    Random random = new Random(seed);
    BitCode a = Codes.random(random);
    BitCode b = Codes.flipAnywhere(a, random.nextInt(256), random);
    BitCode[] as = Dihedral.variants(a);
    BitCode[] bs = Dihedral.variants(b);
    for (int i = 0; i < Dihedral.ORDER; i++) {
      assertEquals(a.distance(b), as[i].distance(bs[i]));
    }
    assertEquals(Dihedral.distance(a, b), Dihedral.distance(b, a));
    assertEquals(0, Dihedral.distance(a, bs[3]) - Dihedral.distance(a, b));
  }

  private static List<HashRow> rows(int maxDistance) {
    List<HashRow> rows = new ArrayList<>();
    for (int row = 0; row < HashRow.ROWS; row++) {
      rows.add(
          new HashRow(
              row, new MapTable<>(), new ImageIds(new MapTable<>(), Retention.ALL), maxDistance));
    }
    return rows;
  }

  private static Map<String, Integer> search(List<HashRow> rows, BitCode query) {
    Map<String, Integer> found = new TreeMap<>();
    for (HashRow row : rows) {
      row.matches(List.of(query))
          .forEach(match -> found.merge(match.imageId(), match.distance(), Math::min));
    }
    return found;
  }

  private static Map<String, Integer> scan(List<BitCode> stored, BitCode query, int most) {
    Map<String, Integer> within = new TreeMap<>();
    for (int i = 0; i < stored.size(); i++) {
      int distance = Dihedral.distance(query, stored.get(i));
      if (distance <= most) {
        within.put(Integer.toString(i), distance);
      }
    }
    return within;
  }
}
