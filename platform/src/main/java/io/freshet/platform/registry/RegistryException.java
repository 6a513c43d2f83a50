package io.freshet.platform.registry;

/** The registry could not do what was asked, and nothing changed. Retry when the cause is gone. */
public sealed class RegistryException extends RuntimeException permits ReleaseAlteredException {
  private static final long serialVersionUID = 1L;

  RegistryException(String message) {
    super(message);
  }

  RegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
