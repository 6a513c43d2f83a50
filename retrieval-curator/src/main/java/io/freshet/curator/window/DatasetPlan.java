package io.freshet.curator.window;

import java.io.Serializable;

/**
 * What one dataset takes from a window instead of what others take.
 *
 * @param samplesPerSeed images that each of its seeds takes
 * @param images most images for the dataset; 0 is no limit
 */
public record DatasetPlan(int samplesPerSeed, int images) implements Serializable {
  public DatasetPlan {
    if (samplesPerSeed < 1) {
      throw new IllegalArgumentException(
          "samples_per_seed must be at least 1, not " + samplesPerSeed);
    }
    CurationPlan.requireLimit("images", images);
  }
}
