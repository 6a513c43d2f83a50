package io.freshet.trainer.branch;

/** The process is to end: a branch was left between two of its steps and nothing came of it. */
public final class BranchStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BranchStoppedException(String where) {
    super("stopped in " + where);
  }
}
