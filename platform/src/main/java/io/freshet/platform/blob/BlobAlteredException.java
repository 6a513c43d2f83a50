package io.freshet.platform.blob;

import io.freshet.schemas.RejectionReason;

/** The shard no longer holds the bytes that the reference describes. */
public final class BlobAlteredException extends BlobUnavailableException {
  private static final long serialVersionUID = 1L;

  BlobAlteredException(String message) {
    super(message);
  }

  @Override
  public RejectionReason reason() {
    return RejectionReason.BLOB_ALTERED;
  }
}
