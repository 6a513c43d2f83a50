package io.freshet.deploy.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Which classes a stream shows in which phase. Each class has one phase.
 *
 * @param classes numbers of the classes of each phase
 */
record ClassPhases(List<List<Integer>> classes) {
  ClassPhases {
    classes = classes.stream().map(List::copyOf).toList();
  }

  /**
   * The classes 0 to {@code count - 1} in a random order, cut into phases whose sizes differ by one
   * at most.
   *
   * @param phases 2 to {@code count}
   */
  static ClassPhases split(int count, int phases, long seed) {
    if (phases < 2 || phases > count) {
      throw new IllegalArgumentException(
          "%d classes can't arrive in %d phases; ask for 2 to %d".formatted(count, phases, count));
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    return new ClassPhases(
        IntStream.range(0, phases)
            .mapToObj(i -> order.subList(i * count / phases, (i + 1) * count / phases))
            .toList());
  }

  int count() {
    return classes.size();
  }
}
