package io.freshet.curator.batch;

import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.UniqueImage;

/** What a walk over the stored images comes upon. */
public sealed interface FoundImage {
  /**
   * An image that is unique, and neither retracted nor revoked.
   *
   * @param origin where its record lies
   */
  record Standing(Origin origin, UniqueImage image) implements FoundImage {}

  /**
   * A record that can't be decoded: of an image, or of a retraction or revocation that therefore
   * counts for nothing.
   *
   * @param refusal where it lies, and why
   */
  record Unreadable(RejectedImage refusal) implements FoundImage {}
}
