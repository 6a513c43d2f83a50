package io.freshet.platform.flink;

import java.io.Serializable;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Keys of a few parts that state is divided into, which Flink deals evenly to its tasks: no task
 * has two parts more than another. Keyed by their own numbers, 6 of 8 parts and 4 of 4 would go to
 * one of two tasks. State lies under these keys, so they must never change.
 */
public final class PartKeys implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int[] keys;

  private PartKeys(int[] keys) {
    this.keys = keys;
  }

  /**
   * Part p gets the smallest key whose key group lies in the middle of the p-th of equal ranges.
   *
   * @param parts 1 to 128
   */
  public static PartKeys of(int parts) {
    int groups = FlinkConfig.MAX_PARALLELISM;
    return new PartKeys(
        IntStream.range(0, parts)
            .map(part -> smallestKeyIn((2 * part + 1) * groups / (2 * parts), groups))
            .toArray());
  }

  private static int smallestKeyIn(int group, int groups) {
    return IntStream.iterate(0, key -> key + 1)
        .filter(key -> KeyGroupRangeAssignment.assignToKeyGroup(key, groups) == group)
        .findFirst()
        .orElseThrow();
  }

  public int key(int part) {
    return keys[part];
  }

  /** The key of the part that an id belongs to. */
  public int keyOf(String id) {
    return keys[Math.floorMod(id.hashCode(), keys.length)];
  }

  public Set<Integer> all() {
    return IntStream.of(keys).boxed().collect(Collectors.toSet());
  }
}
