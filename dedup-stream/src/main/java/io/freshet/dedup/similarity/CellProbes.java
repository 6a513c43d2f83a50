package io.freshet.dedup.similarity;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Which cells a vector is filed in and looked up in. The first bits of its sketch name its home
 * cell; the probes are all cells that differ in the bits that were closest to falling the other way
 * (multi-probe hashing, Lv et al. 2007, with the set of flipped bits fixed).
 *
 * @param cellBits bits that name a cell: 2^cellBits cells; 0 for one cell, which loses nothing
 * @param probeBits of these the least certain that are flipped in every combination: 2^probeBits
 *     cells are looked up
 */
record CellProbes(int cellBits, int probeBits) {
  static final int MOST_CELL_BITS = 20;
  static final int MOST_PROBE_BITS = 12;

  CellProbes {
    if (cellBits < 0 || cellBits > MOST_CELL_BITS) {
      throw new IllegalArgumentException(
          "cell bits %d are not in 0..%d".formatted(cellBits, MOST_CELL_BITS));
    }
    if (probeBits < 0 || probeBits > Math.min(cellBits, MOST_PROBE_BITS)) {
      throw new IllegalArgumentException(
          "probe bits %d are not in 0..%d, the cell bits or their limit"
              .formatted(probeBits, Math.min(cellBits, MOST_PROBE_BITS)));
    }
  }

  int home(float[] projections) {
    int cell = 0;
    for (int bit = 0; bit < cellBits; bit++) {
      cell = cell << 1 | (projections[bit] >= 0 ? 1 : 0);
    }
    return cell;
  }

  /** The home cell first. */
  int[] probes(float[] projections) {
    int[] uncertain =
        IntStream.range(0, cellBits)
            .boxed()
            .sorted(Comparator.comparingDouble(bit -> Math.abs(projections[bit])))
            .limit(probeBits)
            .mapToInt(bit -> 1 << (cellBits - 1 - bit))
            .toArray();
    int[] cells = new int[1 << uncertain.length];
    Arrays.fill(cells, home(projections));
    for (int i = 0; i < cells.length; i++) {
      for (int bit = 0; bit < uncertain.length; bit++) {
        if ((i >> bit & 1) != 0) {
          cells[i] ^= uncertain[bit];
        }
      }
    }
    return cells;
  }
}
