package io.freshet.trainer.branch;

/** Is asked before each step of a branch. Called on the thread that trains the branch. */
@FunctionalInterface
public interface BranchWatch {
  /** Lets every branch go on to its end. */
  BranchWatch NONE = (branch, step, steps) -> {};

  /**
   * @param branch name, for people
   * @param step steps of the branch that are done
   * @param steps steps that it has
   * @throws BranchStoppedException to leave the branch
   */
  void before(String branch, long step, long steps);
}
