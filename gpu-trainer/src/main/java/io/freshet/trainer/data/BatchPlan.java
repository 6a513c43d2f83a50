package io.freshet.trainer.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one step trains on, decided before any pixel is read: with the run's seed it determines the
 * augmented batch completely.
 *
 * @param step the step, from 0
 * @param samples the images, in batch order
 * @param offsets next offset to read in each partition of {@code image.curated} when the plan was
 *     made
 */
public record BatchPlan(long step, List<Sample> samples, Map<Integer, Long> offsets) {
  public BatchPlan {
    if (step < 0 || samples.isEmpty()) {
      throw new IllegalArgumentException(
          "a plan needs a step from 0 and samples, got step %d and %d samples"
              .formatted(step, samples.size()));
    }
    samples = List.copyOf(samples);
    offsets = Collections.unmodifiableMap(new TreeMap<>(offsets));
  }
}
