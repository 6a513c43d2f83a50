package io.freshet.sink.feature;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;

/**
 * What a feature is made of.
 *
 * @param imageId 64 hex digits
 * @param blob the image's bytes
 * @param decidedAt when it became unique
 */
public record StoredImage(String imageId, BlobRef blob, Instant decidedAt) {
  static StoredImage of(UniqueImage image) {
    return new StoredImage(image.getImageId(), image.getBlob(), image.getDecidedAt());
  }
}
