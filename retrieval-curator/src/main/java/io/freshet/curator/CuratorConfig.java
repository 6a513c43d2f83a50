package io.freshet.curator;

import java.io.Serializable;
import java.time.Duration;

/**
 * Section {@code curator}.
 *
 * @param samplesPerSeed images that each seed takes from a window
 * @param minSimilarity cosine below which nothing is taken
 * @param windowImages a window closes when it holds this many images
 * @param windowAge a window that holds any image closes after this time at the latest
 * @param embedBatch images embedded in one forward pass
 */
public record CuratorConfig(
    int samplesPerSeed, double minSimilarity, int windowImages, Duration windowAge, int embedBatch)
    implements Serializable {
  public CuratorConfig {
    if (windowImages < 1) {
      throw new IllegalArgumentException("window_images must be at least 1, not " + windowImages);
    }
    if (windowAge.isNegative() || windowAge.isZero()) {
      throw new IllegalArgumentException("window_age must be positive, not " + windowAge);
    }
    if (embedBatch < 1) {
      throw new IllegalArgumentException("embed_batch must be at least 1, not " + embedBatch);
    }
  }
}
