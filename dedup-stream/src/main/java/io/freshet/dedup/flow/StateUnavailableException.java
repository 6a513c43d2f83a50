package io.freshet.dedup.flow;

/** Keyed state could not be reached. Fatal to the task; the job restarts from its checkpoint. */
public final class StateUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StateUnavailableException(String operation, Object key, Throwable cause) {
    super(
        "can't %s keyed state at %s; the job restarts from its checkpoint, look for a full disk"
            .formatted(operation, key),
        cause);
  }
}
