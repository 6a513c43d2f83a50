package io.freshet.dedup.similarity;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which cells there are, which a vector is looked up in, and which shard holds a cell. The layout
 * is part of what is stored: it is fixed with the first vector.
 *
 * <p>Owner: one thread.
 */
public final class CellLayout {
  /** Cells are dealt to at most 2^5 shards: the most tasks that can share the scans. */
  private static final int MOST_SHARD_BITS = 5;

  /** Where a shard keeps the benchmarks: a cell that no vector of an image falls in. */
  public static final int BENCHMARK_CELL = 1 << CellProbes.MOST_CELL_BITS;

  private final CellProbes probes;
  private final int shards;
  private SignSketch sketch;

  /**
   * @param cellBits 2^cellBits cells, see {@link CellProbes}; 0 for one, which loses nothing
   * @param probeBits 2^probeBits cells are looked up
   */
  public CellLayout(int cellBits, int probeBits) {
    this.probes = new CellProbes(cellBits, probeBits);
    this.shards = 1 << Math.min(MOST_SHARD_BITS, cellBits);
  }

  /** Where the vector is looked up, over all shards. Vectors of one dimension only. */
  public Probe probe(float[] vector) {
    if (sketch == null) {
      sketch = new SignSketch(vector.length);
    }
    float[] projections = sketch.project(vector);
    return new Probe(
        vector, SignSketch.code(projections), probes.probes(projections), probes.home(projections));
  }

  public int shardOf(int cell) {
    return cell % shards;
  }

  /** The cells that a probe looks up, by shard. */
  public SortedMap<Integer, int[]> byShard(Probe probe) {
    SortedMap<Integer, int[]> cells = new TreeMap<>();
    for (int cell : probe.cells()) {
      cells.merge(shardOf(cell), new int[] {cell}, CellLayout::concatenated);
    }
    return cells;
  }

  /** All cells, by shard. */
  public SortedMap<Integer, int[]> allByShard() {
    SortedMap<Integer, int[]> cells = new TreeMap<>();
    for (int cell = 0; cell < 1 << probes.cellBits(); cell++) {
      cells.merge(shardOf(cell), new int[] {cell}, CellLayout::concatenated);
    }
    return cells;
  }

  /** What vectors that are filed by this layout can be compared with. */
  String describe(int dim) {
    return "dim %d, sketch version %d, %d cell bits"
        .formatted(dim, SignSketch.VERSION, probes.cellBits());
  }

  private static int[] concatenated(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
