package io.freshet.dedup.similarity;

import io.freshet.dedup.hash.BitCode;
import java.util.Objects;

/**
 * A vector with where it is looked up and filed.
 *
 * @param vector of unit length; not changed after construction
 * @param code its sketch
 * @param cells where it is looked up; not changed after construction
 * @param home the cell where it is filed
 */
public record Probe(float[] vector, BitCode code, int[] cells, int home) {
  public Probe {
    Objects.requireNonNull(vector, "vector");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(cells, "cells");
  }
}
