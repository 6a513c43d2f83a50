package io.freshet.trainer.checkpoint;

/** A checkpoint file is not what was written: flipped, cut, swapped or of another format. */
public final class CheckpointDamagedException extends Exception {
  private static final long serialVersionUID = 1L;

  CheckpointDamagedException(String message) {
    super(message);
  }

  CheckpointDamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
