package io.freshet.trainer.run;

/**
 * Training can't go on by itself: steps stop being finite again and again, although the last good
 * tensors were taken back. The newest checkpoint is finite and stays.
 */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingDivergedException(String message) {
    super(message);
  }
}
