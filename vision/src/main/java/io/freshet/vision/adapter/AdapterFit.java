package io.freshet.vision.adapter;

import io.freshet.vision.adapter.SpaceAdapter.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * Fits adapters by least squares on pairs. The first four fifths of the pairs are fitted on, the
 * rest measures: shuffle what has an order.
 *
 * <p>Schönemann, "A generalized solution of the orthogonal Procrustes problem" (1966); Izenman,
 * "Reduced-rank regression for the multivariate linear model" (1975), with a ridge.
 */
public final class AdapterFit {
  /** Fewer pairs say nothing about the ten nearest. */
  public static final int MIN_PAIRS = 100;

  private static final double MEASURED_SHARE = 0.2;
  private static final double RIDGE = 1e-3;

  private final SpacePairs fitted;
  private final SpacePairs measured;

  /**
   * @throws IllegalArgumentException when there are fewer than {@value #MIN_PAIRS} pairs
   */
  public AdapterFit(SpacePairs pairs) {
    if (pairs.size() < MIN_PAIRS) {
      throw new IllegalArgumentException(
          "%d images have vectors in both %s and %s; %d or more are needed, and several times the"
                  .formatted(pairs.size(), pairs.fromSpace(), pairs.toSpace(), MIN_PAIRS)
              + " dimension for a map that holds");
    }
    int split = (int) (pairs.size() * (1 - MEASURED_SHARE));
    fitted = pairs.part(0, split);
    measured = pairs.part(split, pairs.size());
  }

  /** Number of pairs that measure. */
  public int measuredPairs() {
    return measured.size();
  }

  /**
   * The rotation that brings the pairs closest together.
   *
   * @throws IllegalArgumentException when the dimensions differ
   */
  public SpaceAdapter orthogonal() {
    int dim = fitted.from().get(0).length;
    if (dim != fitted.to().get(0).length) {
      throw new IllegalArgumentException(
          "a rotation needs equal dimensions, these have %d and %d"
              .formatted(dim, fitted.to().get(0).length));
    }
    RealMatrix cross = matrix(fitted.from()).transpose().multiply(matrix(fitted.to()));
    SingularValueDecomposition svd = new SingularValueDecomposition(cross);
    RealMatrix rotation = svd.getU().multiply(svd.getVT());
    return withRecall(
        new SpaceAdapter(
            fitted.fromSpace(),
            fitted.toSpace(),
            Kind.ORTHOGONAL,
            floats(rotation),
            new float[0],
            new float[0],
            dim,
            dim,
            0));
  }

  /**
   * An affine map of at most this rank.
   *
   * @param rank 1 or more; more than the smaller dimension means that one
   */
  public SpaceAdapter lowRankAffine(int rank) {
    double[] fromMean = mean(fitted.from());
    double[] toMean = mean(fitted.to());
    RealMatrix x = centred(fitted.from(), fromMean);
    RealMatrix y = centred(fitted.to(), toMean);
    RealMatrix xTransposed = x.transpose();
    RealMatrix gram = xTransposed.multiply(x);
    double ridge = RIDGE * gram.getTrace() / gram.getRowDimension();
    for (int i = 0; i < gram.getRowDimension(); i++) {
      gram.addToEntry(i, i, Math.max(ridge, 1e-12));
    }
    RealMatrix full =
        new CholeskyDecomposition(gram, 1e-9, 1e-15).getSolver().solve(xTransposed.multiply(y));
    int kept = Math.min(rank, Math.min(full.getRowDimension(), full.getColumnDimension()));
    RealMatrix directions = leading(x.multiply(full), kept);
    RealMatrix left = full.multiply(directions);
    RealMatrix right = directions.transpose();
    double[] shift = right.preMultiply(left.preMultiply(fromMean));
    float[] offset = new float[toMean.length];
    for (int i = 0; i < offset.length; i++) {
      offset[i] = (float) (toMean[i] - shift[i]);
    }
    return withRecall(
        new SpaceAdapter(
            fitted.fromSpace(),
            fitted.toSpace(),
            Kind.LOW_RANK_AFFINE,
            floats(left),
            floats(right),
            offset,
            fromMean.length,
            toMean.length,
            0));
  }

  /** Recall at 10 of vectors that are compared as they are; 0 when their dimensions differ. */
  public double recallUnadapted() {
    return measured.from().get(0).length == measured.to().get(0).length
        ? NeighbourRecall.at10(measured.from(), measured.to())
        : 0;
  }

  private SpaceAdapter withRecall(SpaceAdapter adapter) {
    List<float[]> brought = measured.from().stream().map(adapter::apply).toList();
    return adapter.measured(NeighbourRecall.at10(brought, measured.to()));
  }

  /** The {@code count} directions in which the rows vary most: {@code (dim, count)}. */
  private static RealMatrix leading(RealMatrix rows, int count) {
    EigenDecomposition eigen = new EigenDecomposition(rows.transpose().multiply(rows));
    return eigen.getV().getSubMatrix(0, rows.getColumnDimension() - 1, 0, count - 1);
  }

  private static double[] mean(List<float[]> vectors) {
    double[] mean = new double[vectors.get(0).length];
    for (float[] vector : vectors) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += vector[i] / (double) vectors.size();
      }
    }
    return mean;
  }

  private static RealMatrix matrix(List<float[]> vectors) {
    return centred(vectors, new double[vectors.get(0).length]);
  }

  private static RealMatrix centred(List<float[]> vectors, double[] mean) {
    double[][] rows = new double[vectors.size()][mean.length];
    for (int row = 0; row < rows.length; row++) {
      Arrays.setAll(rows[row], rowOf(vectors.get(row), mean));
    }
    return new Array2DRowRealMatrix(rows, false);
  }

  private static IntToDoubleFunction rowOf(float[] vector, double[] mean) {
    return i -> vector[i] - mean[i];
  }

  private static float[] floats(RealMatrix matrix) {
    int columns = matrix.getColumnDimension();
    float[] values = new float[matrix.getRowDimension() * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) matrix.getEntry(i / columns, i % columns);
    }
    return values;
  }
}
