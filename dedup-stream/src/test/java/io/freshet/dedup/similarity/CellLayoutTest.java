package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CellLayoutTest {
  private static final int DIM = 64;

  @Test
  void everyProbedCellIsAskedInTheShardThatHoldsIt() {
    CellLayout layout = new CellLayout(8, 5);
    Probe probe = layout.probe(UnitVectors.random(DIM, new Random(1)));
    Map<Integer, int[]> shards = layout.byShard(probe);
    shards.forEach(
        (shard, cells) ->
            assertTrue(Arrays.stream(cells).allMatch(cell -> layout.shardOf(cell) == shard)));
    assertEquals(32, shards.values().stream().mapToInt(cells -> cells.length).sum());
    assertTrue(
        Arrays.stream(shards.get(layout.shardOf(probe.home())))
            .anyMatch(cell -> cell == probe.home()),
        "a vector is looked up where it is filed");
  }

  @Test
  void fewCellsHaveAShardEach() {
    CellLayout layout = new CellLayout(2, 2);
    Probe probe = layout.probe(UnitVectors.random(DIM, new Random(2)));
    assertEquals(4, layout.byShard(probe).size());
  }

  @Test
  void oneCellNeedsOneShard() {
    CellLayout layout = new CellLayout(0, 0);
    Probe probe = layout.probe(UnitVectors.random(DIM, new Random(3)));
    assertEquals(1, layout.byShard(probe).size());
  }
}
