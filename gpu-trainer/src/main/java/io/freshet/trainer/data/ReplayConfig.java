package io.freshet.trainer.data;

import java.io.Serializable;

/**
 * Section {@code trainer.replay}.
 *
 * @param freshCapacity images of the fresh tier, at least 1
 * @param balancedCapacity images of the balanced tier, at least 0
 * @param freshShare share of a batch that is drawn from the fresh tier, 0..1
 * @param minImages images that must be held before the first step, at least 1
 */
public record ReplayConfig(
    int freshCapacity, int balancedCapacity, double freshShare, int minImages)
    implements Serializable {
  public ReplayConfig {
    if (freshCapacity < 1 || balancedCapacity < 0) {
      throw new IllegalArgumentException(
          "trainer.replay: fresh_capacity %d must be at least 1 and balanced_capacity %d at least 0"
              .formatted(freshCapacity, balancedCapacity));
    }
    if (!(freshShare >= 0 && freshShare <= 1)) {
      throw new IllegalArgumentException(
          "trainer.replay.fresh_share is " + freshShare + "; it is a share, 0 to 1");
    }
    if (minImages < 1 || minImages > freshCapacity + balancedCapacity) {
      throw new IllegalArgumentException(
          "trainer.replay.min_images is %d; it must be 1 to the %d images that the tiers hold"
              .formatted(minImages, freshCapacity + balancedCapacity));
    }
  }
}
