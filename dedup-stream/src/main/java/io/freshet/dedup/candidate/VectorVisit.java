package io.freshet.dedup.candidate;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.similarity.CellLayout;
import io.freshet.dedup.similarity.Probe;

/**
 * An image asks a shard of the vector cells, and stays where its home cell is.
 *
 * @param shard the one asked
 * @param spaceId the space of the vector
 * @param vector of unit length
 * @param code its sketch, four longs
 * @param cells the shard's cells to look up
 * @param home the cell where the vector belongs
 * @param stays whether that cell is in this shard
 */
public record VectorVisit(
    int shard,
    Inquiry inquiry,
    String spaceId,
    float[] vector,
    long[] code,
    int[] cells,
    int home,
    boolean stays) {
  Probe probe() {
    return new Probe(vector, new BitCode(code), cells, home);
  }

  /** The same vector among the shard's benchmarks. */
  Probe benchmarkProbe() {
    return new Probe(
        vector,
        new BitCode(code),
        new int[] {CellLayout.BENCHMARK_CELL},
        CellLayout.BENCHMARK_CELL);
  }
}
