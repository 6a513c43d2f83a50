package io.freshet.client;

import java.time.Instant;
import java.util.List;

/** What a {@link FeatureStream} tells. */
public sealed interface FeatureEvent {
  /**
   * An image has this feature, new or in place of the one before.
   *
   * @param imageId 64 hex digits
   * @param madeIn the space of the model that made it; another than the pinned one when an adapter
   *     brought the vector over
   * @param vector in the pinned space; the receiver's
   * @param computedAt when it was made
   */
  record Written(String imageId, String madeIn, float[] vector, Instant computedAt)
      implements FeatureEvent {}

  /**
   * The feature that was made in this space was withdrawn: forget it and what was derived from it.
   */
  record Erased(String imageId, String madeIn) implements FeatureEvent {}

  /**
   * A release was announced, or an alias was moved to one.
   *
   * @param model {@code name@version}
   * @param manifestSha256 64 hex digits; names the release beyond doubt
   * @param aliases those that point at it since then
   */
  record Released(String model, String manifestSha256, List<String> aliases)
      implements FeatureEvent {}
}
