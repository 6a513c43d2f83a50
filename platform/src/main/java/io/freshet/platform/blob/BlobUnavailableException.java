package io.freshet.platform.blob;

import io.freshet.schemas.RejectionReason;

/**
 * An object that no retry brings back. A stage turns the record that refers to it into a rejection
 * with {@link #reason}; failures of the disk itself are {@link java.io.UncheckedIOException}
 * instead.
 */
public abstract sealed class BlobUnavailableException extends RuntimeException
    permits BlobMissingException, BlobAlteredException {
  private static final long serialVersionUID = 1L;

  BlobUnavailableException(String message) {
    super(message);
  }

  public abstract RejectionReason reason();
}
