package io.freshet.dedup.similarity;

import java.util.Arrays;

/**
 * Cells by how near their founders are.
 *
 * @param cells the nearest first; not changed after construction
 * @param cosines of their founders with the vector; not changed after construction
 */
public record NearestCells(int[] cells, float[] cosines) {
  static final NearestCells NONE = new NearestCells(new int[0], new float[0]);

  public NearestCells {
    if (cells.length != cosines.length) {
      throw new IllegalArgumentException(
          "%d cells, %d cosines".formatted(cells.length, cosines.length));
    }
  }

  int size() {
    return cells.length;
  }

  /** The same, where these are numbers of other cells. */
  NearestCells ofNumbers(int[] cellByNumber) {
    return new NearestCells(
        Arrays.stream(cells).map(number -> cellByNumber[number]).toArray(), cosines);
  }

  /** Those whose founders' cosines lie at most {@code margin} below that of the nearest. */
  NearestCells within(double margin) {
    int kept = 0;
    while (kept < size() && cosines[kept] >= cosines[0] - margin) {
      kept++;
    }
    return new NearestCells(Arrays.copyOf(cells, kept), Arrays.copyOf(cosines, kept));
  }

  /** These and others, the nearest {@code most}; of equals the one that is named first. */
  NearestCells with(NearestCells others, int most) {
    long[] order = new long[size() + others.size()];
    for (int i = 0; i < order.length; i++) {
      float cosine = i < size() ? cosines[i] : others.cosines[i - size()];
      order[i] = (long) -ascending(cosine) << Integer.SIZE | i;
    }
    Arrays.sort(order);
    int[] nearest = new int[Math.min(most, order.length)];
    float[] theirs = new float[nearest.length];
    for (int i = 0; i < nearest.length; i++) {
      int at = (int) order[i];
      nearest[i] = at < size() ? cells[at] : others.cells[at - size()];
      theirs[i] = at < size() ? cosines[at] : others.cosines[at - size()];
    }
    return new NearestCells(nearest, theirs);
  }

  /** Numbers in the order of the cosines. */
  private static int ascending(float cosine) {
    int bits = Float.floatToIntBits(cosine);
    return bits >= 0 ? bits : Integer.MIN_VALUE - bits;
  }
}
