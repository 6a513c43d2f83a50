package io.freshet.dedup.similarity;

import java.util.List;

/** Compares vectors with a background. Owner: one thread, which closes it. */
public interface BackgroundSearch extends AutoCloseable {
  /**
   * Puts a background in the place of the one before.
   *
   * @param background of unit length, at least one; not kept
   */
  void replace(List<float[]> background);

  /**
   * The mean of the {@code nearest} largest cosines of each vector with the background, of those
   * that are at most {@code copies}; NaN where none is.
   *
   * @param vectors of unit length and as many elements as the background, which was set before
   */
  float[] means(List<float[]> vectors, int nearest, double copies);

  @Override
  void close();
}
