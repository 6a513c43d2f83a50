package io.freshet.dedup.similarity;

import java.util.List;

/** Finds the founders with the largest cosines. Owner: one thread, which closes it. */
public interface FounderSearch extends AutoCloseable {
  /**
   * Adds founders of cells that are numbered on from the last one.
   *
   * @param founders of unit length and as many elements as those before; not kept
   */
  void add(List<float[]> founders);

  /**
   * The founders nearest to each vector.
   *
   * @param vectors of unit length and as many elements as the founders
   * @param most cells for a vector, at least 1
   */
  List<NearestCells> nearest(List<float[]> vectors, int most);

  @Override
  void close();
}
