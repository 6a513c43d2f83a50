package io.freshet.dedup.similarity;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

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

  /** Those whose founders' cosines lie at most {@code margin} below that of the nearest. */
  NearestCells within(double margin) {
    int kept = 0;
    while (kept < size() && cosines[kept] >= cosines[0] - margin) {
      kept++;
    }
    return new NearestCells(Arrays.copyOf(cells, kept), Arrays.copyOf(cosines, kept));
  }

  /** These and others, the nearest {@code most}. */
  NearestCells with(NearestCells others, int most) {
    int[] bothCells = Arrays.copyOf(cells, size() + others.size());
    System.arraycopy(others.cells, 0, bothCells, size(), others.size());
    float[] bothCosines = Arrays.copyOf(cosines, bothCells.length);
    System.arraycopy(others.cosines, 0, bothCosines, size(), others.size());
    int[] order =
        IntStream.range(0, bothCells.length)
            .boxed()
            .sorted(Comparator.comparing(i -> -bothCosines[i]))
            .limit(most)
            .mapToInt(i -> i)
            .toArray();
    float[] nearest = new float[order.length];
    for (int i = 0; i < order.length; i++) {
      nearest[i] = bothCosines[order[i]];
    }
    return new NearestCells(Arrays.stream(order).map(i -> bothCells[i]).toArray(), nearest);
  }
}
