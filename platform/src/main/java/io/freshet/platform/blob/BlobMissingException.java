package io.freshet.platform.blob;

import io.freshet.schemas.RejectionReason;

/** The shard doesn't exist, or the reference can't be one of this store. */
public final class BlobMissingException extends BlobUnavailableException {
  private static final long serialVersionUID = 1L;

  BlobMissingException(String message) {
    super(message);
  }

  @Override
  public RejectionReason reason() {
    return RejectionReason.BLOB_MISSING;
  }
}
