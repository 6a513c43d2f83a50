package io.freshet.dedup.similarity;

import java.util.Objects;

/**
 * A vector with the cells of one shard in which it is looked up.
 *
 * @param vector of unit length; not changed after construction
 * @param code its sketch; not changed after construction
 * @param cells where it is looked up; not changed after construction
 */
public record Probe(float[] vector, long[] code, int[] cells) {
  public Probe {
    Objects.requireNonNull(vector, "vector");
    Objects.requireNonNull(cells, "cells");
    if (code.length != SignSketch.LONGS) {
      throw new IllegalArgumentException(
          "a sketch has %d longs, not %d".formatted(SignSketch.LONGS, code.length));
    }
  }
}
