package io.freshet.platform.flink;

/** A job that can't be submitted, ended by failure, or gave no answer; the cause says why. */
public class JobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JobException(String message) {
    super(message);
  }

  JobException(String message, Throwable cause) {
    super(message, cause);
  }
}
