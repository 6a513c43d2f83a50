package io.freshet.platform.broker;

/** The embedded broker can't start; the message says what stands in its way. */
public final class BrokerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokerException(String message, Throwable cause) {
    super(message, cause);
  }
}
