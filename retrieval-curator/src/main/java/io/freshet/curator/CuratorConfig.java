package io.freshet.curator;

import io.freshet.curator.window.CurationPlan;
import java.io.Serializable;
import java.time.Duration;

/**
 * Section {@code curator}.
 *
 * @param windowImages a window closes when it holds this many images
 * @param windowAge a window that holds any image closes after this time at the latest
 * @param embedBatch images embedded in one forward pass
 * @param embedLinger longest time that an image waits for others to be embedded with
 * @param seeds how seeds are made ready
 * @param plan what is taken from a window
 */
public record CuratorConfig(
    int windowImages,
    Duration windowAge,
    int embedBatch,
    Duration embedLinger,
    SeedPlan seeds,
    CurationPlan plan)
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
    if (embedLinger.isNegative()) {
      throw new IllegalArgumentException("embed_linger can't be negative: " + embedLinger);
    }
  }
}
