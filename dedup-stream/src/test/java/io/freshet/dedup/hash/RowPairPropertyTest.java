package io.freshet.dedup.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.MapTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** All rows against a scan of everything, with distances crowded around the limit. */
class RowPairPropertyTest {
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void somePairFindsWhatAScanOfAllStoredHashesFinds(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 31) int maxDistance) {
    Random random = new Random(seed);
    List<RowPair> rows = rows(maxDistance);
    List<List<BitCode>> stored = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      List<BitCode> codes = uprightAndMirrored(Codes.random(random), random);
      String imageId = Integer.toString(i);
      rows.forEach(row -> row.add(imageId, 0, codes));
      stored.add(codes);
    }
    for (int i = 0; i < 60; i++) {
      int distance = Math.max(0, maxDistance - 2) + random.nextInt(5);
      BitCode[] variants =
          Dihedral.variants(stored.get(random.nextInt(stored.size())).get(random.nextInt(2)));
      BitCode near =
          random.nextBoolean()
              ? Codes.flipAnywhere(variants[random.nextInt(8)], distance, random)
              : Codes.flipEvenly(variants[random.nextInt(8)], distance, random);
      List<BitCode> queries = uprightAndMirrored(near, random);
      assertEquals(scan(stored, queries, maxDistance), search(rows, queries));
    }
  }

  @Test
  void readsTheNearestOfManyAndAllThatLast() {
    Random random = new Random(5);
    List<RowPair> rows = rows(RowPair.LARGEST_DISTANCE);
    BitCode code = Codes.random(random);
    for (int i = 0; i < 20; i++) {
      String imageId = Integer.toString(i);
      List<BitCode> codes = List.of(i == 17 ? code : Codes.flipEvenly(code, 16, random));
      rows.forEach(row -> row.add(imageId, 0, codes));
      rows.forEach(row -> row.addLasting("lasting-" + imageId, codes));
    }
    for (RowPair row : rows) {
      List<RowPair.Match> matches = row.matches(List.of(code), 1);
      assertEquals(21, matches.size());
      assertEquals(new RowPair.Match("17", 0), matches.get(20));
    }
  }

  @Test
  void forgottenHashesLeaveTheDisk() {
    Random random = new Random(6);
    MapTable<Long, byte[]> blocks = new MapTable<>();
    MapTable<Integer, byte[]> hashes = new MapTable<>();
    RowPair rows =
        new RowPair(
            3,
            blocks,
            hashes,
            new ImageIds(new MapTable<>(), new Retention(10, Duration.ZERO)),
            RowPair.LARGEST_DISTANCE);
    BitCode code = Codes.random(random);
    rows.addLasting("lasting", List.of(code));
    for (int i = 0; i < 1_000; i++) {
      rows.add(Integer.toString(i), 0, List.of(code));
    }
    assertEquals(11, hashes.size());
    assertEquals(
        List.of("lasting", "990", "999"),
        Stream.of(0, 1, 10)
            .map(rows.matches(List.of(code), Integer.MAX_VALUE)::get)
            .map(RowPair.Match::imageId)
            .toList());
    assertTrue(blocks.size() <= 8, blocks.size() + " values for 4 lists of 11 entries");
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

  /** The mirrored image's hash is not quite the one that mirroring makes of a hash. */
  private static List<BitCode> uprightAndMirrored(BitCode upright, Random random) {
    return List.of(
        upright, Codes.flipAnywhere(Dihedral.variants(upright)[2], random.nextInt(12), random));
  }

  private static List<RowPair> rows(int maxDistance) {
    return IntStream.range(0, RowPair.PAIRS)
        .mapToObj(
            pair ->
                new RowPair(
                    pair,
                    new MapTable<>(),
                    new MapTable<>(),
                    new ImageIds(new MapTable<>(), Retention.ALL),
                    maxDistance))
        .toList();
  }

  private static Map<String, Integer> search(List<RowPair> rows, List<BitCode> queries) {
    Map<String, Integer> found = new TreeMap<>();
    for (RowPair row : rows) {
      row.matches(queries, Integer.MAX_VALUE)
          .forEach(match -> found.merge(match.imageId(), match.distance(), Math::min));
    }
    return found;
  }

  private static Map<String, Integer> scan(
      List<List<BitCode>> stored, List<BitCode> queries, int most) {
    Map<String, Integer> within = new TreeMap<>();
    for (int i = 0; i < stored.size(); i++) {
      int least = BitCode.BITS;
      for (BitCode code : stored.get(i)) {
        for (BitCode query : queries) {
          least = Math.min(least, Dihedral.distance(query, code));
        }
      }
      if (least <= most) {
        within.put(Integer.toString(i), least);
      }
    }
    return within;
  }
}
