package io.freshet.curator.drift;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Mean and covariance of a window's embeddings in one space, and how far two windows are apart.
 *
 * <p>The covariance is of a fixed random projection to {@value #PROJECTED} dimensions: a covariance
 * of the full dimension would cost more than the curation, and a window has too few images for it.
 *
 * @param mean of the embeddings, {@code (D)}
 * @param projectedMean {@code (P)}
 * @param covariance {@code (P, P)}
 */
public record WindowMoments(double[] mean, double[] projectedMean, double[][] covariance) {
  private static final int PROJECTED = 32;
  private static final long SEED = 0xd41f7;

  /**
   * @param vectors {@code (N, D)}, at least one
   */
  public static WindowMoments of(List<float[]> vectors) {
    int dim = vectors.get(0).length;
    double[][] projection = projection(dim);
    double[] mean = new double[dim];
    double[] projectedMean = new double[PROJECTED];
    double[][] projected = new double[vectors.size()][];
    for (int i = 0; i < projected.length; i++) {
      float[] vector = vectors.get(i);
      projected[i] = project(projection, vector);
      for (int d = 0; d < dim; d++) {
        mean[d] += vector[d] / (double) projected.length;
      }
      for (int p = 0; p < PROJECTED; p++) {
        projectedMean[p] += projected[i][p] / projected.length;
      }
    }
    return new WindowMoments(mean, projectedMean, covariance(projected, projectedMean));
  }

  /** Euclidean distance of the mean embeddings. */
  public double meanShift(WindowMoments other) {
    return Math.sqrt(squaredDistance(mean, other.mean));
  }

  /**
   * Frechet distance of the two windows as Gaussians, in the projection: {@code |m1 - m2|^2 + tr(S1
   * + S2 - 2 (S1 S2)^1/2)}, not negative.
   *
   * @see <a href="https://arxiv.org/abs/1706.08500">Heusel et al. 2017</a>
   */
  public double frechetDistance(WindowMoments other) {
    RealMatrix a = MatrixUtils.createRealMatrix(covariance);
    RealMatrix b = MatrixUtils.createRealMatrix(other.covariance);
    RealMatrix root = squareRoot(a);
    double cross = 0;
    for (double eigenvalue : symmetricEigen(root.multiply(b).multiply(root)).getRealEigenvalues()) {
      cross += Math.sqrt(Math.max(0, eigenvalue));
    }
    double distance =
        squaredDistance(projectedMean, other.projectedMean)
            + a.getTrace()
            + b.getTrace()
            - 2 * cross;
    return Math.max(0, distance);
  }

  /** All numbers in a row, for a store; {@link #fromArray} reads them. */
  public double[] toArray() {
    double[] all = new double[mean.length + PROJECTED + PROJECTED * PROJECTED];
    System.arraycopy(mean, 0, all, 0, mean.length);
    System.arraycopy(projectedMean, 0, all, mean.length, PROJECTED);
    for (int p = 0; p < PROJECTED; p++) {
      System.arraycopy(covariance[p], 0, all, mean.length + PROJECTED * (p + 1), PROJECTED);
    }
    return all;
  }

  /** What {@link #toArray} wrote. */
  public static WindowMoments fromArray(double[] all) {
    int dim = all.length - PROJECTED - PROJECTED * PROJECTED;
    double[][] covariance = new double[PROJECTED][];
    for (int p = 0; p < PROJECTED; p++) {
      int from = dim + PROJECTED * (p + 1);
      covariance[p] = Arrays.copyOfRange(all, from, from + PROJECTED);
    }
    return new WindowMoments(
        Arrays.copyOf(all, dim), Arrays.copyOfRange(all, dim, dim + PROJECTED), covariance);
  }

  private static RealMatrix squareRoot(RealMatrix covariance) {
    EigenDecomposition eigen = symmetricEigen(covariance);
    double[] roots =
        Arrays.stream(eigen.getRealEigenvalues()).map(x -> Math.sqrt(Math.max(0, x))).toArray();
    return eigen
        .getV()
        .multiply(MatrixUtils.createRealDiagonalMatrix(roots))
        .multiply(eigen.getVT());
  }

  /** Rounding can leave a product a little asymmetric, which would choose another algorithm. */
  private static EigenDecomposition symmetricEigen(RealMatrix matrix) {
    return new EigenDecomposition(matrix.add(matrix.transpose()).scalarMultiply(0.5));
  }

  /** {@code (P, D)}, the same for all windows. */
  private static double[][] projection(int dim) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[][] projection = new double[PROJECTED][dim];
    for (double[] row : projection) {
      for (int d = 0; d < dim; d++) {
        row[d] = random.nextGaussian() / Math.sqrt(PROJECTED);
      }
    }
    return projection;
  }

  private static double[] project(double[][] projection, float[] vector) {
    double[] projected = new double[PROJECTED];
    for (int p = 0; p < PROJECTED; p++) {
      for (int d = 0; d < vector.length; d++) {
        projected[p] += projection[p][d] * vector[d];
      }
    }
    return projected;
  }

  private static double[][] covariance(double[][] points, double[] mean) {
    double[][] covariance = new double[PROJECTED][PROJECTED];
    for (double[] point : points) {
      for (int p = 0; p < PROJECTED; p++) {
        for (int q = 0; q < PROJECTED; q++) {
          covariance[p][q] += (point[p] - mean[p]) * (point[q] - mean[q]) / points.length;
        }
      }
    }
    return covariance;
  }

  private static double squaredDistance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }
}
