package io.freshet.curator.cluster;

import java.io.Serializable;

/**
 * How k-means runs.
 *
 * @param iterations mini-batches that move the centroids
 * @param batchImages images of a mini-batch; with as many as there are it is Lloyd's algorithm
 */
public record KMeansConfig(int iterations, int batchImages) implements Serializable {
  public KMeansConfig {
    if (iterations < 1 || iterations > 10_000) {
      throw new IllegalArgumentException("iterations must be in 1..10,000, not " + iterations);
    }
    if (batchImages < 1) {
      throw new IllegalArgumentException("batch_images must be at least 1, not " + batchImages);
    }
  }
}
