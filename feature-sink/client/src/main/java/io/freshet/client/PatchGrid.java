package io.freshet.client;

import java.util.Arrays;

/**
 * The features of an image's patches, from left to right and from top to bottom of the square that
 * the model sees.
 *
 * @param elements {@code (rows, columns, dim)}; the receiver's
 */
public record PatchGrid(int rows, int columns, int dim, float[] elements) {
  public PatchGrid {
    if (rows < 1 || columns < 1 || dim < 1 || (long) rows * columns * dim != elements.length) {
      throw new IllegalArgumentException(
          "%d x %d patches of %d are not %,d elements"
              .formatted(rows, columns, dim, elements.length));
    }
  }

  /** A copy of one patch's feature, {@code dim} elements. */
  public float[] patch(int row, int column) {
    if (row < 0 || row >= rows || column < 0 || column >= columns) {
      throw new IndexOutOfBoundsException(
          "row %d, column %d of %d x %d patches".formatted(row, column, rows, columns));
    }
    int from = (row * columns + column) * dim;
    return Arrays.copyOfRange(elements, from, from + dim);
  }
}
