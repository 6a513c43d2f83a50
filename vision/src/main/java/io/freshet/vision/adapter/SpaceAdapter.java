package io.freshet.vision.adapter;

import java.util.Locale;

/**
 * A linear map from one space to another: {@code y = (x A) B + b}, then brought to length one. A
 * comparison after it is an approximation, as good as {@link #recallAt10} says.
 *
 * @param fromSpace space of its input
 * @param toSpace space of its output
 * @param kind how it was fitted
 * @param left {@code (from, rank)}, row-major
 * @param right {@code (rank, to)}, row-major; empty when {@code left} is the whole map, {@code
 *     (from, to)}
 * @param offset {@code (to)}; empty for none
 * @param recallAt10 of the ten nearest that a query in {@code toSpace} finds, the share that the
 *     same query brought over from {@code fromSpace} finds; on images that it was not fitted on; 0
 *     to 1
 */
public record SpaceAdapter(
    String fromSpace,
    String toSpace,
    Kind kind,
    float[] left,
    float[] right,
    float[] offset,
    int fromDim,
    int toDim,
    double recallAt10) {
  private static final int MAX_DIM = 16_384;

  /** How a map was fitted. */
  public enum Kind {
    /** A rotation (with reflection): the Procrustes solution; needs equal dimensions. */
    ORTHOGONAL,
    /** Ridge regression with an offset, cut to a rank. */
    LOW_RANK_AFFINE;

    /** As manifests and files name it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SpaceAdapter {
    if (fromDim < 1 || toDim < 1 || fromDim > MAX_DIM || toDim > MAX_DIM) {
      throw new IllegalArgumentException(
          "an adapter from %d to %d dimensions is none; the limit is %d"
              .formatted(fromDim, toDim, MAX_DIM));
    }
    int rank = rank(left, fromDim);
    boolean whole = right.length == 0;
    if (whole ? rank != toDim : right.length != rank * toDim) {
      throw new IllegalArgumentException(
          "factors of %d and %d numbers don't lead from %d to %d dimensions"
              .formatted(left.length, right.length, fromDim, toDim));
    }
    if (offset.length != 0 && offset.length != toDim) {
      throw new IllegalArgumentException(
          "an offset of %d numbers for %d dimensions".formatted(offset.length, toDim));
    }
    if (!(recallAt10 >= 0 && recallAt10 <= 1)) {
      throw new IllegalArgumentException("recall is 0 to 1, was " + recallAt10);
    }
    requireFinite(left);
    requireFinite(right);
    requireFinite(offset);
  }

  private static int rank(float[] left, int fromDim) {
    if (left.length == 0 || left.length % fromDim != 0) {
      throw new IllegalArgumentException(
          "a factor of %d numbers has no rows for %d dimensions".formatted(left.length, fromDim));
    }
    return left.length / fromDim;
  }

  private static void requireFinite(float[] numbers) {
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw new IllegalArgumentException("an adapter holds " + number + ", must be finite");
      }
    }
  }

  /** The same map under other names of its spaces. */
  public SpaceAdapter between(String from, String to) {
    return new SpaceAdapter(from, to, kind, left, right, offset, fromDim, toDim, recallAt10);
  }

  /** The same map with what was measured of it. */
  SpaceAdapter measured(double recall) {
    return new SpaceAdapter(fromSpace, toSpace, kind, left, right, offset, fromDim, toDim, recall);
  }

  /**
   * @param vector of {@code fromSpace}; stays as it is
   * @return of {@code toSpace}, length one
   * @throws IllegalArgumentException when it has another dimension
   */
  public float[] apply(float[] vector) {
    if (vector.length != fromDim) {
      throw new IllegalArgumentException(
          "a vector of %d dimensions is not of %s, which has %d"
              .formatted(vector.length, fromSpace, fromDim));
    }
    float[] mapped = times(vector, left, left.length / fromDim);
    if (right.length > 0) {
      mapped = times(mapped, right, toDim);
    }
    double squares = 0;
    for (int i = 0; i < toDim; i++) {
      mapped[i] += offset.length == 0 ? 0 : offset[i];
      squares += (double) mapped[i] * mapped[i];
    }
    float scale = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
    for (int i = 0; i < toDim; i++) {
      mapped[i] *= scale;
    }
    return mapped;
  }

  private static float[] times(float[] x, float[] matrix, int columns) {
    float[] y = new float[columns];
    for (int row = 0; row < x.length; row++) {
      float factor = x[row];
      int at = row * columns;
      for (int column = 0; column < columns; column++) {
        y[column] += factor * matrix[at + column];
      }
    }
    return y;
  }
}
