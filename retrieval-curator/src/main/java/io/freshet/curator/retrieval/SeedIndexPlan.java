package io.freshet.curator.retrieval;

import java.io.Serializable;

/**
 * How the seeds of a dataset are searched.
 *
 * @param exactSeeds up to so many seeds, each is compared with every image; above, images look up
 *     the seeds near to them in a graph
 * @param nearestSeeds seeds that an image looks up in a graph; none that is farther from it takes
 *     it
 * @param beam candidates that a look-up keeps; more find more of the nearest, and take longer
 */
public record SeedIndexPlan(int exactSeeds, int nearestSeeds, int beam) implements Serializable {
  /** Every seed is compared, however many there are. */
  public static final SeedIndexPlan EXACT = new SeedIndexPlan(Integer.MAX_VALUE, 1, 1);

  public SeedIndexPlan {
    if (exactSeeds < 0) {
      throw new IllegalArgumentException("exact_seeds can't be negative: " + exactSeeds);
    }
    if (nearestSeeds < 1 || beam < nearestSeeds) {
      throw new IllegalArgumentException(
          "nearest_seeds must be at least 1 and beam no less than it, not %d and %d"
              .formatted(nearestSeeds, beam));
    }
  }
}
