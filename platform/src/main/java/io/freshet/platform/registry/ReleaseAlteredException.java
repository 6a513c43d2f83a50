package io.freshet.platform.registry;

/** A file of the registry is not what was published. Retrying can't help; use another version. */
public final class ReleaseAlteredException extends RegistryException {
  private static final long serialVersionUID = 1L;

  ReleaseAlteredException(String message) {
    super(message);
  }

  ReleaseAlteredException(String message, Throwable cause) {
    super(message, cause);
  }
}
