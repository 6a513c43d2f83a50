package io.freshet.platform.kafka;

/** A topic that can't be created, or that exists with settings that would lose records. */
public final class TopicException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TopicException(String message) {
    super(message);
  }

  TopicException(String message, Throwable cause) {
    super(message, cause);
  }
}
