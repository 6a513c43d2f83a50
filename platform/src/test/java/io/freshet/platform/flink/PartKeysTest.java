package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartKeysTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 16, 128})
  void anyNumberOfTasksGetsEquallyManyPartsButForOne(int parts) {
    PartKeys keys = PartKeys.of(parts);
    for (int tasks = 1; tasks <= parts; tasks++) {
      int[] dealt = new int[tasks];
      for (int part = 0; part < parts; part++) {
        dealt[
            KeyGroupRangeAssignment.assignKeyToParallelOperator(
                keys.key(part), FlinkConfig.MAX_PARALLELISM, tasks)]++;
      }
      int least = IntStream.of(dealt).min().orElseThrow();
      int most = IntStream.of(dealt).max().orElseThrow();
      assertTrue(most - least <= 1, "%d parts on %d tasks".formatted(parts, tasks));
    }
  }

  @Test
  void keysNeverChangeSinceStateLiesUnderThem() {
    PartKeys shards = PartKeys.of(8);
    assertArrayEquals(
        new int[] {357, 157, 117, 78, 301, 45, 65, 91},
        IntStream.range(0, 8).map(shards::key).toArray());
    assertEquals(128, IntStream.range(0, 128).map(PartKeys.of(128)::key).distinct().count());
  }
}
