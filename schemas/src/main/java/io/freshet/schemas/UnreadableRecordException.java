package io.freshet.schemas;

/** Bytes that are no record of the expected type. The record is poison: retrying can't help. */
public final class UnreadableRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
