package io.freshet.platform.config;

/**
 * A configuration that must not start a process. The message names the key, the value, where it was
 * written and what to write instead.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }

  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
