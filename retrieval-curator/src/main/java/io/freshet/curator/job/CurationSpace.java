package io.freshet.curator.job;

import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;

/**
 * The embedding space in which a window is curated. Every vector that is compared passes {@link
 * #elements}.
 *
 * @param id model, version, head and normalisation
 */
record CurationSpace(String id) {
  /** Whether the vector is there and lives in this space. */
  boolean holds(Vector vector) {
    return vector != null && vector.getSpaceId().equals(id);
  }

  /**
   * The elements of a vector of this space.
   *
   * @throws IllegalArgumentException when it lives in another
   */
  float[] elements(Vector vector) {
    if (!holds(vector)) {
      throw new IllegalArgumentException(
          "a vector of %s can't be compared in %s; embed its image again"
              .formatted(vector.getSpaceId(), id));
    }
    return Vectors.toFloats(vector);
  }
}
