package io.freshet.curator.retrieval;

import java.util.List;

/**
 * Inner products of many seeds with all images of a window: which pairs are worth an exact look.
 * The exact one is {@link DotProduct}'s, on whose last bit selections depend.
 */
public interface PairProducts {
  /** {@link DotProduct} itself, one pair after the other. */
  PairProducts EXACT = new PairwiseProducts();

  /** How far a product of two unit vectors may lie from the exact one. */
  float error();

  /**
   * Prepares the images of a window.
   *
   * @param images of one space
   */
  Images with(List<float[]> images);

  /** The images of a window. Owner: one thread. */
  interface Images extends AutoCloseable {
    /**
     * @return products row by row, one row a seed: its products with all images, in their order
     * @throws IllegalArgumentException when the vectors are of two spaces
     */
    float[] times(List<float[]> seeds);

    @Override
    void close();
  }
}
