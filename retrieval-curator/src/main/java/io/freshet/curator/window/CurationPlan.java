package io.freshet.curator.window;

import io.freshet.curator.cluster.HierarchyConfig;
import io.freshet.curator.cluster.KMeansConfig;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is taken from a window. Limits of 0 are none.
 *
 * @param samplesPerSeed sample retrieval: images that each seed takes
 * @param minSimilarity cosine below which an image is no seed's neighbour
 * @param imagesPerDataset most images for a dataset
 * @param imagesPerHost most images from one host, so that none floods a window
 * @param datasets datasets that take otherwise
 * @param cluster cluster retrieval
 * @param balanced balanced sampling
 * @param kMeans how clusters are found
 */
public record CurationPlan(
    int samplesPerSeed,
    double minSimilarity,
    int imagesPerDataset,
    int imagesPerHost,
    Map<String, DatasetPlan> datasets,
    ClusterPlan cluster,
    BalancedPlan balanced,
    KMeansConfig kMeans)
    implements Serializable {

  public CurationPlan {
    requireLimit("images_per_dataset", imagesPerDataset);
    requireLimit("images_per_host", imagesPerHost);
    datasets = Map.copyOf(datasets);
  }

  /**
   * Cluster retrieval.
   *
   * @param imagesPerCluster images that a dataset takes from a cluster; 0 switches it off
   * @param minSeeds seeds of a dataset that a cluster must hold; the paper's "more than 3" is 4
   * @param imagesPerCentroid a window has one cluster for so many images
   */
  public record ClusterPlan(int imagesPerCluster, int minSeeds, int imagesPerCentroid)
      implements Serializable {
    public ClusterPlan {
      requireLimit("images_per_cluster", imagesPerCluster);
      if (minSeeds < 1 || imagesPerCentroid < 1) {
        throw new IllegalArgumentException(
            "min_seeds and images_per_centroid must be at least 1, not %d and %d"
                .formatted(minSeeds, imagesPerCentroid));
      }
    }
  }

  /**
   * Balanced sampling of what no seed took.
   *
   * @param images images to sample from a window; 0 switches it off
   * @param hierarchy the clusters that are balanced
   */
  public record BalancedPlan(int images, HierarchyConfig hierarchy) implements Serializable {
    public BalancedPlan {
      requireLimit("images", images);
    }
  }

  static void requireLimit(String name, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException(name + " can't be negative: " + limit);
    }
  }

  /** The samples a seed of each dataset that has its own number. */
  Map<String, Integer> samplesByDataset() {
    Map<String, Integer> samples = new TreeMap<>();
    datasets.forEach((dataset, plan) -> samples.put(dataset, plan.samplesPerSeed()));
    return samples;
  }

  /** Most images for the dataset; the largest number when there is no limit. */
  int budget(String dataset) {
    DatasetPlan own = datasets.get(dataset);
    return orUnlimited(own == null ? imagesPerDataset : own.images());
  }

  /** Most images from a host; the largest number when there is no limit. */
  int hostBudget() {
    return orUnlimited(imagesPerHost);
  }

  private static int orUnlimited(int limit) {
    return limit == 0 ? Integer.MAX_VALUE : limit;
  }
}
