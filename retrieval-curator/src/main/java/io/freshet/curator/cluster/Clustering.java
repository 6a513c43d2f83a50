package io.freshet.curator.cluster;

import io.freshet.curator.retrieval.DotProduct;

/**
 * Points by their nearest centroid.
 *
 * @param centroids {@code (K, D)}, L2-normalised
 * @param assignment of each point, its centroid's index
 */
public record Clustering(float[][] centroids, int[] assignment) {
  /** Index of the centroid that is nearest by cosine; of equal ones the first. */
  public static int nearest(float[][] centroids, float[] vector) {
    int best = 0;
    float bestSimilarity = Float.NEGATIVE_INFINITY;
    for (int k = 0; k < centroids.length; k++) {
      float similarity = DotProduct.of(centroids[k], vector);
      if (similarity > bestSimilarity) {
        best = k;
        bestSimilarity = similarity;
      }
    }
    return best;
  }

  /** Number of points of each cluster. */
  public int[] sizes() {
    int[] sizes = new int[centroids.length];
    for (int cluster : assignment) {
      sizes[cluster]++;
    }
    return sizes;
  }

  /** Indices of the points of each cluster, ascending. */
  public int[][] members() {
    int[] sizes = sizes();
    int[][] members = new int[sizes.length][];
    for (int k = 0; k < sizes.length; k++) {
      members[k] = new int[sizes[k]];
    }
    int[] filled = new int[sizes.length];
    for (int i = 0; i < assignment.length; i++) {
      int cluster = assignment[i];
      members[cluster][filled[cluster]++] = i;
    }
    return members;
  }
}
