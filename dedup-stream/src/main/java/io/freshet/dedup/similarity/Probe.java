package io.freshet.dedup.similarity;

import java.util.Objects;

/**
 * A vector with the cells of one shard in which it is looked up.
 *
 * @param vector of unit length; not changed after construction
 * @param query its code
 * @param cells where it is looked up; not changed after construction
 * @param excess how much nearer it is to the background than images usually are
 */
public record Probe(float[] vector, QueryCode query, int[] cells, float excess) {
  public Probe {
    Objects.requireNonNull(vector, "vector");
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(cells, "cells");
  }
}
