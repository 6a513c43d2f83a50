package io.freshet.curator.cluster;

import io.freshet.curator.retrieval.DotProduct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * k-means of images, then of their centroids, and so on, each level with resampling: fitted to as
 * many points of each cluster, centroids spread over the support of the data and no longer crowd
 * where it is dense. A function of the points in their order.
 *
 * @see <a href="https://arxiv.org/abs/2405.15613">Vo et al. 2024, Automatic Data Curation for
 *     Self-Supervised Learning: A Clustering-Based Approach, sections 3.2 and 3.3</a>
 */
public final class HierarchicalKMeans {
  private final SphericalKMeans kMeans;
  private final HierarchyConfig config;

  public HierarchicalKMeans(KMeansConfig kMeans, HierarchyConfig config) {
    this.kMeans = new SphericalKMeans(kMeans);
    this.config = config;
  }

  /**
   * The levels from the images upwards: the points of a level are the centroids of the one before.
   *
   * @param points {@code (N, D)}, L2-normalised, at least one
   */
  public List<Clustering> fit(float[][] points) {
    List<Clustering> levels = new ArrayList<>();
    float[][] below = points;
    for (int clusters : config.clusters()) {
      Clustering level = kMeans.fit(below, clusters);
      for (int round = 0; round < config.resamplings(); round++) {
        float[][] centroids = kMeans.fit(resampled(below, level), clusters).centroids();
        level = SphericalKMeans.assign(below, centroids);
      }
      levels.add(level);
      below = level.centroids();
    }
    return levels;
  }

  private float[][] resampled(float[][] points, Clustering level) {
    List<float[]> sample = new ArrayList<>();
    int[][] members = level.members();
    for (int k = 0; k < members.length; k++) {
      float[] centroid = level.centroids()[k];
      Arrays.stream(members[k])
          .boxed()
          .sorted(
              Comparator.comparingDouble((Integer i) -> -DotProduct.of(points[i], centroid))
                  .thenComparing(Comparator.naturalOrder()))
          .limit(config.resampledPoints())
          .forEach(i -> sample.add(points[i]));
    }
    return sample.toArray(float[][]::new);
  }

  /**
   * A sample that is as even over the hierarchy as the supply allows: shared out among the clusters
   * of the top level, and each share among the clusters below.
   *
   * @param levels what {@link #fit} returned
   * @param images most images of the sample
   * @return indices of images, ascending; of a lowest cluster the first ones
   */
  public static int[] balancedSample(List<Clustering> levels, int images) {
    List<int[]> supply = new ArrayList<>(); // level by level, images under each centroid
    int[] below = levels.get(0).sizes();
    supply.add(below);
    for (Clustering level : levels.subList(1, levels.size())) {
      int[] sums = new int[level.centroids().length];
      for (int i = 0; i < below.length; i++) {
        sums[level.assignment()[i]] += below[i];
      }
      supply.add(sums);
      below = sums;
    }
    int[] shares = EvenShares.of(images, below);
    for (int level = levels.size() - 1; level > 0; level--) {
      shares = shareOut(levels.get(level).members(), shares, supply.get(level - 1));
    }
    int[][] members = levels.get(0).members();
    List<Integer> sample = new ArrayList<>();
    for (int k = 0; k < members.length; k++) {
      for (int i = 0; i < shares[k]; i++) {
        sample.add(members[k][i]);
      }
    }
    return sample.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private static int[] shareOut(int[][] children, int[] shares, int[] supply) {
    int[] next = new int[supply.length];
    for (int parent = 0; parent < children.length; parent++) {
      int[] childSupply = Arrays.stream(children[parent]).map(child -> supply[child]).toArray();
      int[] childShares = EvenShares.of(shares[parent], childSupply);
      for (int i = 0; i < childShares.length; i++) {
        next[children[parent][i]] = childShares[i];
      }
    }
    return next;
  }
}
