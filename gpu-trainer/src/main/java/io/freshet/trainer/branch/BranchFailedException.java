package io.freshet.trainer.branch;

/** A branch could not be trained to its end: nothing of it may be released. */
public final class BranchFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BranchFailedException(String message) {
    super(message);
  }
}
