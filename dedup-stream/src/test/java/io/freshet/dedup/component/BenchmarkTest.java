package io.freshet.dedup.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchmarkTest {
  private static final String IMAGE = "ab".repeat(32);

  @Test
  void aNameTellsTheImageAndTheDatasetWhateverItIsCalled() {
    String name = Benchmark.name(IMAGE, "oxford:hard");
    assertTrue(Benchmark.isName(name));
    assertEquals(IMAGE, Benchmark.imageId(name));
    assertEquals(Optional.of("oxford:hard"), Benchmark.dataset(name));
  }

  @Test
  void aNameOfAnEarlierVersionHasNoDataset() {
    String name = "benchmark:" + IMAGE;
    assertTrue(Benchmark.isName(name));
    assertEquals(IMAGE, Benchmark.imageId(name));
    assertEquals(Optional.empty(), Benchmark.dataset(name));
  }

  @Test
  void aCrawledImageIsNone() {
    assertFalse(Benchmark.isName(IMAGE));
    assertEquals(IMAGE, Benchmark.imageId(IMAGE));
    assertEquals(Optional.empty(), Benchmark.dataset(IMAGE));
  }
}
