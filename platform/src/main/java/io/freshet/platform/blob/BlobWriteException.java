package io.freshet.platform.blob;

/** An object or a sync that the disk refused; see the method that threw it for what still holds. */
public final class BlobWriteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BlobWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
