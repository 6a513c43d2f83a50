package io.freshet.vision.adapter;

import java.util.List;

/**
 * Images that have a vector in two spaces.
 *
 * @param fromSpace of the first vectors
 * @param toSpace of the second vectors
 * @param from one vector an image, all of one dimension
 * @param to the same images in the same order
 */
public record SpacePairs(String fromSpace, String toSpace, List<float[]> from, List<float[]> to) {
  public SpacePairs {
    from = List.copyOf(from);
    to = List.copyOf(to);
    if (from.isEmpty() || from.size() != to.size()) {
      throw new IllegalArgumentException(
          "%d and %d vectors are no pairs".formatted(from.size(), to.size()));
    }
    requireOneDimension(fromSpace, from);
    requireOneDimension(toSpace, to);
  }

  private static void requireOneDimension(String space, List<float[]> vectors) {
    int dim = vectors.get(0).length;
    for (float[] vector : vectors) {
      if (vector.length != dim) {
        throw new IllegalArgumentException(
            "vectors of %s have %d and %d dimensions".formatted(space, dim, vector.length));
      }
    }
  }

  int size() {
    return from.size();
  }

  /** The pairs from the other side. */
  public SpacePairs reversed() {
    return new SpacePairs(toSpace, fromSpace, to, from);
  }

  SpacePairs part(int first, int last) {
    return new SpacePairs(fromSpace, toSpace, from.subList(first, last), to.subList(first, last));
  }
}
