package io.freshet.vision.embed;

import io.freshet.vision.image.RgbImage;
import java.util.List;

/**
 * Turns images into vectors of one space.
 *
 * <p>Thread-safe: any number of threads may embed at once. The same image gives the same vector up
 * to float rounding, whatever batch it is in. The opener closes it, when no call is running.
 */
public interface ImageEmbedder extends AutoCloseable {

  EmbeddingSpace space();

  /** Length of each vector. */
  int dim();

  /**
   * One vector an image, in order, of length 1 when the space says l2. Preprocessing is part of it.
   *
   * @throws EmbeddingException when the model fails or gives a vector that is not finite
   */
  float[][] embed(List<RgbImage> images);

  @Override
  void close();
}
