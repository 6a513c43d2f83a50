package io.freshet.deploy.contamination;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;

/**
 * The first step of each run that had read an image. Steps may come in any order and twice, as
 * after a crash. One owner thread.
 */
final class FirstSteps {
  private final Map<String, List<Position>> positions;
  private final Map<String, Map<String, Long>> byRun = new HashMap<>();

  /**
   * @param positions where each image's records lie, by image id
   */
  FirstSteps(Map<String, List<Position>> positions) {
    this.positions = positions;
  }

  /**
   * @param next next offset of each partition when the step was taken
   */
  void add(String runId, long step, Map<Integer, Long> next) {
    Map<String, Long> first = byRun.computeIfAbsent(runId, run -> new HashMap<>());
    positions.forEach(
        (image, records) -> {
          Long known = first.get(image);
          if ((known == null || known > step)
              && records.stream().anyMatch(position -> position.isBefore(next))) {
            first.put(image, step);
          }
        });
  }

  /** The first step of the run that had read any of the images. */
  OptionalLong of(String runId, SortedSet<String> images) {
    Map<String, Long> first = byRun.getOrDefault(runId, Map.of());
    return images.stream().filter(first::containsKey).mapToLong(first::get).min();
  }
}
