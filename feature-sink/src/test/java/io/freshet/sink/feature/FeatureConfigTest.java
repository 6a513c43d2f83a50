package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import io.freshet.platform.flink.FlinkConfig;
import io.freshet.platform.flink.PartKeys;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.api.Test;

class FeatureConfigTest {
  @Test
  void tasksShareImagesEvenly() {
    PartKeys buckets = buckets("4");
    for (int tasks : new int[] {2, 4}) {
      Map<Integer, Integer> images = new TreeMap<>();
      IntStream.range(0, 4_000)
          .map(image -> buckets.keyOf("image-" + image))
          .map(
              bucket ->
                  KeyGroupRangeAssignment.assignKeyToParallelOperator(
                      bucket, FlinkConfig.MAX_PARALLELISM, tasks))
          .forEach(task -> images.merge(task, 1, Integer::sum));
      assertEquals(tasks, images.size(), () -> tasks + " tasks: " + images);
      images
          .values()
          .forEach(count -> assertEquals(4_000.0 / tasks, count, 400.0 / tasks, images::toString));
    }
  }

  @Test
  void eachImageIsInOneOfThem() {
    PartKeys buckets = buckets("3");
    assertEquals(3, buckets.all().size());
    IntStream.range(0, 100)
        .forEach(image -> assertTrue(buckets.all().contains(buckets.keyOf("image-" + image))));
  }

  @Test
  void moreThanThereAreKeyGroupsAreRefused() {
    ConfigException e = assertThrows(ConfigException.class, () -> buckets("129"));
    assertTrue(e.getMessage().contains("1..128"), e.getMessage());
  }

  private static PartKeys buckets(String count) {
    return Config.defaults()
        .with("features.buckets", count)
        .section("features", FeatureConfig.class)
        .bucketKeys();
  }
}
