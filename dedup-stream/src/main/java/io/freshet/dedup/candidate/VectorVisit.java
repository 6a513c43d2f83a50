package io.freshet.dedup.candidate;

import io.freshet.dedup.similarity.Probe;
import io.freshet.dedup.similarity.QueryCode;
import io.freshet.dedup.similarity.Route;
import io.freshet.dedup.similarity.VectorCode;

/**
 * An image asks a shard of the vector cells, and stays in the one where its home cell is.
 *
 * @param shard the one asked
 * @param spaceId the space of the vector
 * @param vector of unit length
 * @param code of the vector, to be stored
 * @param query of the vector, to be looked up
 * @param cells the shard's cells to look up
 * @param home the cell where it stays; {@link Route#NONE} where that is in another shard. A
 *     benchmark stays in every shard, apart from the cells
 * @param founds whether it founds that cell
 * @param parent the cell that it divides then, or {@link Route#NONE}
 * @param excess how much nearer it is to the background than images usually are, a cosine; 0
 *     without normalisation
 */
public record VectorVisit(
    int shard,
    Inquiry inquiry,
    String spaceId,
    float[] vector,
    VectorCode code,
    QueryCode query,
    int[] cells,
    int home,
    boolean founds,
    int parent,
    float excess) {
  public boolean isOfBenchmark() {
    return inquiry.isOfBenchmark();
  }

  public boolean stays() {
    return home != Route.NONE;
  }

  Probe probe() {
    return probe(cells);
  }

  /** The same vector looked up in other cells. */
  Probe probe(int... others) {
    return new Probe(vector, query, others, excess);
  }
}
