package io.freshet.platform.flink;

/**
 * A checkpoint is older than the broker keeps transactions open: what it had prepared may be gone,
 * and going on would lose it without a sign.
 */
public final class StaleCheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StaleCheckpointException(String message) {
    super(message);
  }
}
