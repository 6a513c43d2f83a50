package io.freshet.deploy.curation;

import io.freshet.vision.image.RgbImage;

/**
 * An image that is to be curated, or a seed.
 *
 * @param imageId 64 hex digits
 * @param host that served it; empty when none did
 */
public record BatchImage(String imageId, String host, Place place, Content content) {
  /** What is known of how it looks. */
  public sealed interface Content {}

  /** Its pixels, to be embedded. */
  public record Pixels(RgbImage image) implements Content {}

  /**
   * Its vector in the space of the curation; not copied.
   *
   * @param elements of length one
   */
  public record Embedded(float[] elements) implements Content {}
}
