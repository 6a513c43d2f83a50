package io.freshet.curator.cluster;

import java.io.Serializable;
import java.util.List;

/**
 * A hierarchy of clusters.
 *
 * @param clusters centroids of each level, from the images upwards; each fewer than before
 * @param resamplings rounds in which a level is fitted again to as many points of each cluster
 * @param resampledPoints points nearest to its centroid that each cluster gives to a round
 */
public record HierarchyConfig(List<Integer> clusters, int resamplings, int resampledPoints)
    implements Serializable {
  private static final int MOST_LEVELS = 8;

  public HierarchyConfig {
    clusters = List.copyOf(clusters);
    if (clusters.isEmpty() || clusters.size() > MOST_LEVELS) {
      throw new IllegalArgumentException(
          "clusters must name 1 to %d levels, not %d".formatted(MOST_LEVELS, clusters.size()));
    }
    for (int level = 0; level < clusters.size(); level++) {
      if (clusters.get(level) < 1
          || (level > 0 && clusters.get(level) >= clusters.get(level - 1))) {
        throw new IllegalArgumentException(
            "clusters must be positive and fewer at each level, such as 256, 32, 8; not "
                + clusters);
      }
    }
    if (resamplings < 0 || resamplings > 100) {
      throw new IllegalArgumentException("resamplings must be in 0..100, not " + resamplings);
    }
    if (resampledPoints < 1) {
      throw new IllegalArgumentException(
          "resampled_points must be at least 1, not " + resampledPoints);
    }
  }
}
