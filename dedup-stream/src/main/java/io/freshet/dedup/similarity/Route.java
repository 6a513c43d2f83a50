package io.freshet.dedup.similarity;

import java.util.Objects;

/**
 * Where one vector is looked up and filed.
 *
 * @param code of the vector where it is stored
 * @param query of the vector where it is looked up
 * @param cells where it is looked up, the nearest first; not changed after construction
 * @param home the cell where it is filed
 * @param founds whether the vector is the founder of that cell
 * @param parent the cell whose entries the founder divides with it; {@link #NONE} where it founds
 *     nothing or a cell of its own
 */
public record Route(
    VectorCode code, QueryCode query, int[] cells, int home, boolean founds, int parent) {
  public static final int NONE = -1;

  public Route {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(cells, "cells");
  }
}
