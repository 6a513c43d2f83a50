package io.freshet.dedup.candidate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.CellSettings;
import io.freshet.dedup.similarity.Route;
import io.freshet.dedup.similarity.ScannedFounders;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BenchmarkScansTest {
  private final MapTable<Integer, BenchmarkScans.Scan> visits = new MapTable<>();
  private final MapTable<Integer, Integer> numbers = new MapTable<>();
  private final BenchmarkScans scans = new BenchmarkScans(visits, numbers, 2);

  @Test
  void eachBenchmarkIsLookedUpInItsCellsThenInThoseFoundedSinceItCame() {
    scans.founded(90);
    scans.add(visit("first", 1, 2, 3));
    scans.founded(91);
    scans.add(visit("second", 1, 2));
    assertEquals(List.of(1, 2), next("first"));
    scans.founded(92);
    assertEquals(List.of(3, 91), next("first"));
    assertEquals(List.of(92), next("first"));
    assertEquals(List.of(1, 2), next("second"));
    scans.founded(93);
    assertEquals(List.of(92, 93), next("second"));
    assertTrue(scans.isEmpty());
    assertEquals(Optional.empty(), scans.next());
  }

  @Test
  void keepsNoMoreThanCountsOnceAllAreDone() {
    for (int round = 0; round < 3; round++) {
      scans.add(visit("benchmark"));
      scans.founded(90 + round);
      assertEquals(List.of(90 + round), next("benchmark"));
    }
    assertEquals(0, visits.size());
    assertTrue(numbers.keys().stream().allMatch(key -> key < 0), numbers.keys().toString());
  }

  private List<Integer> next(String name) {
    BenchmarkScans.Slice slice = scans.next().orElseThrow();
    assertEquals(Benchmark.name(name, "photos"), slice.visit().inquiry().imageId());
    return new ArrayList<>(Arrays.stream(slice.cells()).boxed().toList());
  }

  private static VectorVisit visit(String name, int... cells) {
    float[] vector = UnitVectors.random(64, new Random(1));
    CellRouter router =
        new CellRouter(
            new MapTable<>(),
            new MapTable<>(),
            new CellSettings(CellSettings.LEAST_ENTRIES, 64, 64, 0.1, 0.9),
            new ScannedFounders());
    router.require("space", vector.length);
    Route route = router.everywhere(vector);
    return new VectorVisit(
        0,
        new Inquiry(Benchmark.name(name, "photos"), 0, CellRouter.SHARDS),
        "space",
        vector,
        route.code(),
        route.query(),
        cells,
        VectorCells.BENCHMARKS,
        false,
        Route.NONE,
        0);
  }
}
