package io.freshet.client.similar;

import java.util.List;

/**
 * Finds the nearest vectors of one space. {@link SimilarImages} writes it and asks it, from one
 * thread; an index that throws is closed with it, and everything is read again by the next.
 */
public interface SimilarityIndex extends AutoCloseable {
  /** Opens the index of a space. */
  @FunctionalInterface
  interface Factory {
    /**
     * @param space {@code model@version/head/normalisation}
     * @param dim length of its vectors
     */
    SimilarityIndex open(String space, int dim);
  }

  /** Images in it. */
  int size();

  /**
   * Takes a vector, in place of the image's one before.
   *
   * @param vector of length one
   * @throws IllegalArgumentException when it has another number of dimensions
   */
  void put(String imageId, float[] vector);

  /** Forgets an image; nothing happens when it is not there. */
  void remove(String imageId);

  /** Makes what was put and removed visible to others, for an index that others read. */
  default void flush() {}

  /**
   * Everything that the topic held has been put: what an index of an earlier process holds besides
   * was withdrawn meanwhile.
   */
  default void complete() {}

  /** It answers from now on. */
  default void takeOver() {}

  /** The nearest first, at most {@code count}. */
  List<SimilarImages.Match> nearest(float[] query, int count);

  /** Closes it and deletes what it left, for another space answers now. */
  default void discard() {
    close();
  }

  @Override
  void close();
}
