package io.freshet.client;

import java.time.Instant;

/** What a {@link PatchFeatureStream} tells. */
public sealed interface PatchEvent {
  /**
   * The patches of an image have these features, new or in place of those before.
   *
   * @param imageId 64 hex digits
   * @param patches in the pinned space
   * @param computedAt when they were made
   */
  record Written(String imageId, PatchGrid patches, Instant computedAt) implements PatchEvent {}

  /** They were withdrawn: forget them and what was derived from them. */
  record Erased(String imageId) implements PatchEvent {}
}
