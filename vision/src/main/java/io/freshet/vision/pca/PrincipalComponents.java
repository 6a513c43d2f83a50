package io.freshet.vision.pca;

import java.util.List;
import java.util.SplittableRandom;

/**
 * The directions in which vectors vary most, by subspace iteration from fixed directions: enough
 * for a picture, and the same for the same vectors. A direction's sign means nothing. Immutable and
 * thread-safe.
 */
public final class PrincipalComponents {
  private static final int ITERATIONS = 60;

  /** Share of a direction's length that earlier ones must leave; less is rounding. */
  private static final double LEAST_LEFT = 1e-9;

  private final double[] mean;
  private final double[][] directions;

  private PrincipalComponents(double[] mean, double[][] directions) {
    this.mean = mean;
    this.directions = directions;
  }

  /**
   * @param rows at least one vector, all of one length
   * @param count directions, orthonormal, the one of most variance first
   */
  public static PrincipalComponents of(List<float[]> rows, int count) {
    int dim = rows.get(0).length;
    double[] mean = new double[dim];
    rows.forEach(row -> add(mean, 1.0 / rows.size(), row));
    SplittableRandom random = new SplittableRandom(1);
    double[][] directions = new double[count][dim];
    for (double[] direction : directions) {
      for (int i = 0; i < dim; i++) {
        direction[i] = random.nextGaussian();
      }
    }
    PrincipalComponents components = new PrincipalComponents(mean, directions);
    components.orthonormalise();
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      components.turn(rows);
    }
    return components;
  }

  /** One multiplication of all directions with the covariance. */
  private void turn(List<float[]> rows) {
    double[][] turned = new double[directions.length][mean.length];
    for (float[] row : rows) {
      double[] coordinates = coordinates(row);
      for (int c = 0; c < turned.length; c++) {
        for (int i = 0; i < mean.length; i++) {
          turned[c][i] += coordinates[c] * (row[i] - mean[i]);
        }
      }
    }
    System.arraycopy(turned, 0, directions, 0, turned.length);
    orthonormalise();
  }

  /** Gram-Schmidt; a direction without any variance left becomes zero. */
  private void orthonormalise() {
    for (int c = 0; c < directions.length; c++) {
      double before = Math.sqrt(dot(directions[c], directions[c]));
      for (int earlier = 0; earlier < c; earlier++) {
        double along = dot(directions[c], directions[earlier]);
        for (int i = 0; i < mean.length; i++) {
          directions[c][i] -= along * directions[earlier][i];
        }
      }
      double norm = Math.sqrt(dot(directions[c], directions[c]));
      for (int i = 0; i < mean.length; i++) {
        directions[c][i] = norm > LEAST_LEFT * before ? directions[c][i] / norm : 0;
      }
    }
  }

  /** Where a vector lies along each direction, from the mean. */
  public double[] coordinates(float[] row) {
    double[] coordinates = new double[directions.length];
    for (int c = 0; c < coordinates.length; c++) {
      for (int i = 0; i < mean.length; i++) {
        coordinates[c] += directions[c][i] * (row[i] - mean[i]);
      }
    }
    return coordinates;
  }

  private static void add(double[] target, double factor, float[] row) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * row[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
