package io.freshet.platform.objects;

import java.io.IOException;

/** A write took place, or did not, or still may. */
public final class UncertainWriteException extends IOException {
  private static final long serialVersionUID = 1L;

  public UncertainWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
