package io.freshet.vision.hash;

import java.util.Arrays;

/**
 * Eigenvectors of a symmetric matrix by cyclic Jacobi rotations: slow, exact to rounding, and the
 * same on every machine.
 */
final class SymmetricEigen {
  private static final int MAX_SWEEPS = 60;
  private static final double TOLERANCE = 1e-22;

  /** Descending. */
  final double[] values;

  /** Row {@code i} belongs to value {@code i}; orthonormal. */
  final double[][] vectors;

  private SymmetricEigen(double[] values, double[][] vectors) {
    this.values = values;
    this.vectors = vectors;
  }

  /**
   * @param matrix is overwritten
   */
  static SymmetricEigen of(double[][] matrix) {
    int n = matrix.length;
    double[][] vectors = new double[n][n];
    for (int i = 0; i < n; i++) {
      vectors[i][i] = 1;
    }
    double scale = squares(matrix, true);
    for (int sweep = 0; sweep < MAX_SWEEPS && squares(matrix, false) > TOLERANCE * scale; sweep++) {
      for (int p = 0; p < n - 1; p++) {
        for (int q = p + 1; q < n; q++) {
          rotate(matrix, vectors, p, q);
        }
      }
    }
    return sorted(matrix, vectors);
  }

  private static double squares(double[][] matrix, boolean diagonal) {
    double sum = 0;
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < matrix.length; j++) {
        if (diagonal || i != j) {
          sum += matrix[i][j] * matrix[i][j];
        }
      }
    }
    return sum;
  }

  /** Makes the elements (p, q) and (q, p) zero; {@code vectors} holds the vectors as rows. */
  private static void rotate(double[][] a, double[][] vectors, int p, int q) {
    if (a[p][q] == 0) {
      return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double c = 1 / Math.sqrt(t * t + 1);
    double s = t * c;
    turn(a[p], a[q], c, s);
    for (double[] row : a) {
      double left = row[p];
      double right = row[q];
      row[p] = c * left - s * right;
      row[q] = s * left + c * right;
    }
    turn(vectors[p], vectors[q], c, s);
  }

  private static void turn(double[] first, double[] second, double c, double s) {
    for (int i = 0; i < first.length; i++) {
      double x = first[i];
      double y = second[i];
      first[i] = c * x - s * y;
      second[i] = s * x + c * y;
    }
  }

  private static SymmetricEigen sorted(double[][] a, double[][] vectors) {
    int n = a.length;
    Integer[] order = new Integer[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    Arrays.sort(order, (i, j) -> Double.compare(a[j][j], a[i][i]));
    double[] values = new double[n];
    double[][] rows = new double[n][];
    for (int i = 0; i < n; i++) {
      values[i] = a[order[i]][order[i]];
      rows[i] = vectors[order[i]];
    }
    return new SymmetricEigen(values, rows);
  }
}
