package io.freshet.curator.cluster;

import io.freshet.curator.retrieval.DotProduct;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Spherical k-means in mini-batches: centroids are unit vectors, nearness is the cosine.
 *
 * <p>A function of the points in their order, and of nothing else: the seed of its random draws is
 * fixed. Who wants a result that doesn't depend on the order of arrival sorts the points first.
 *
 * @see <a href="https://doi.org/10.1145/1772690.1772862">Sculley 2010: mini-batches with a learning
 *     rate a centroid</a>
 * @see <a href="https://doi.org/10.5555/1283383.1283494">Arthur and Vassilvitskii 2007:
 *     k-means++</a>
 */
public final class SphericalKMeans {
  private static final long SEED = 0x5eed;

  private final KMeansConfig config;

  public SphericalKMeans(KMeansConfig config) {
    this.config = config;
  }

  /**
   * @param points {@code (N, D)}, L2-normalised, at least one; not changed
   * @param clusters most centroids; there are never more than points
   */
  public Clustering fit(float[][] points, int clusters) {
    if (points.length == 0 || clusters < 1) {
      throw new IllegalArgumentException(
          "%d points in %d clusters; at least 1 of each".formatted(points.length, clusters));
    }
    SplittableRandom random = new SplittableRandom(SEED);
    float[][] centroids = plusPlus(points, Math.min(clusters, points.length), random);
    if (config.batchImages() >= points.length) {
      lloyd(points, centroids);
    } else {
      miniBatches(points, centroids, random);
    }
    return assign(points, centroids);
  }

  /** Every point with its nearest centroid. */
  public static Clustering assign(float[][] points, float[][] centroids) {
    int[] assignment = new int[points.length];
    for (int i = 0; i < points.length; i++) {
      assignment[i] = Clustering.nearest(centroids, points[i]);
    }
    return new Clustering(centroids, assignment);
  }

  /**
   * First centroids: each is the best of a few points that are drawn in proportion to their
   * distance from the centroids before (greedy k-means++), so that hardly a cluster is missed.
   */
  private static float[][] plusPlus(float[][] points, int k, SplittableRandom random) {
    float[][] centroids = new float[k][];
    centroids[0] = points[random.nextInt(points.length)].clone();
    double[] distance = distances(points, centroids[0], null);
    int trials = 2 + (int) Math.log(k);
    for (int c = 1; c < k; c++) {
      double[] best = null;
      double total = sum(distance);
      for (int trial = 0; trial < trials; trial++) {
        float[] drawn = points[draw(distance, random.nextDouble() * total)];
        double[] with = distances(points, drawn, distance);
        if (best == null || sum(with) < sum(best)) {
          best = with;
          centroids[c] = drawn.clone();
        }
      }
      distance = best;
    }
    return centroids;
  }

  /** Of each point, from the centroid or the nearest of those before, whichever is less. */
  private static double[] distances(float[][] points, float[] centroid, double[] before) {
    double[] distances = new double[points.length];
    for (int i = 0; i < points.length; i++) {
      double distance = Math.max(0, 1 - DotProduct.of(points[i], centroid));
      distances[i] = before == null ? distance : Math.min(before[i], distance);
    }
    return distances;
  }

  private static double sum(double[] numbers) {
    double sum = 0;
    for (double x : numbers) {
      sum += x;
    }
    return sum;
  }

  private static int draw(double[] weights, double at) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      if (sum > at) {
        return i;
      }
    }
    return weights.length - 1;
  }

  private void lloyd(float[][] points, float[][] centroids) {
    int[] before = null;
    for (int iteration = 0; iteration < config.iterations(); iteration++) {
      int[] assignment = assign(points, centroids).assignment();
      if (Arrays.equals(assignment, before)) {
        return;
      }
      before = assignment;
      double[][] sums = new double[centroids.length][points[0].length];
      for (int i = 0; i < points.length; i++) {
        for (int d = 0; d < points[i].length; d++) {
          sums[assignment[i]][d] += points[i][d];
        }
      }
      for (int k = 0; k < centroids.length; k++) {
        normalise(sums[k], centroids[k]);
      }
    }
  }

  private void miniBatches(float[][] points, float[][] centroids, SplittableRandom random) {
    int[] seen = new int[centroids.length];
    double[] moved = new double[points[0].length];
    for (int iteration = 0; iteration < config.iterations(); iteration++) {
      int[] batch = random.ints(config.batchImages(), 0, points.length).toArray();
      int[] assignment = new int[batch.length];
      for (int i = 0; i < batch.length; i++) {
        assignment[i] = Clustering.nearest(centroids, points[batch[i]]);
      }
      for (int i = 0; i < batch.length; i++) {
        float[] centroid = centroids[assignment[i]];
        double rate = 1.0 / ++seen[assignment[i]];
        for (int d = 0; d < moved.length; d++) {
          moved[d] = (1 - rate) * centroid[d] + rate * points[batch[i]][d];
        }
        normalise(moved, centroid);
      }
    }
  }

  /** Leaves the centroid where it is when the direction is lost: no points, or they cancel out. */
  static void normalise(double[] from, float[] into) {
    double squares = 0;
    for (double x : from) {
      squares += x * x;
    }
    if (squares < 1e-24) {
      return;
    }
    double scale = 1 / Math.sqrt(squares);
    for (int d = 0; d < from.length; d++) {
      into[d] = (float) (from[d] * scale);
    }
  }
}
