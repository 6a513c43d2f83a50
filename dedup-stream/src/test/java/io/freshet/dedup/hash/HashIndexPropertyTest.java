package io.freshet.dedup.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** The index against a scan of everything, with distances crowded around the limit. */
class HashIndexPropertyTest {
  private static final Comparator<HashIndex.Match> NEAREST_FIRST =
      Comparator.comparing(HashIndex.Match::distance).thenComparing(HashIndex.Match::ordinal);

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void findsWhatAScanOfAllStoredHashesFinds(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 31) int maxDistance) {
    Random random = new Random(seed);
    HashIndex index = new HashIndex(new MapTable<>(), maxDistance);
    List<BitCode> stored = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      BitCode code = Codes.random(random);
      index.add(i, code);
      stored.add(code);
    }
    for (int i = 0; i < 60; i++) {
      int distance = Math.max(0, maxDistance - 2) + random.nextInt(5);
      BitCode[] variants = Dihedral.variants(stored.get(random.nextInt(stored.size())));
      BitCode query =
          random.nextBoolean()
              ? Codes.flipAnywhere(variants[random.nextInt(8)], distance, random)
              : Codes.flipEvenly(variants[random.nextInt(8)], distance, random);
      List<HashIndex.Match> within = scan(stored, query, maxDistance);
      assertEquals(within, index.matches(query));
      assertEquals(within.stream().min(NEAREST_FIRST), index.nearest(query));
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

  private static List<HashIndex.Match> scan(List<BitCode> stored, BitCode query, int most) {
    List<HashIndex.Match> within = new ArrayList<>();
    for (int i = 0; i < stored.size(); i++) {
      int distance = Dihedral.distance(query, stored.get(i));
      if (distance <= most) {
        within.add(new HashIndex.Match(i, distance));
      }
    }
    return within;
  }
}
