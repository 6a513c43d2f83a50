package io.freshet.dedup.state;

/**
 * Tells what has become of records that were on their way at some moment. Checkpoints are aligned:
 * what passed a task before a barrier has passed every task when that checkpoint is complete.
 *
 * <p>A stamp is the number of the last barrier that passed the task before the moment. Owner: one
 * thread.
 */
public final class Barriers {
  private long passed;
  private long complete;

  /** All stamps in the state are settled: nothing is on its way in a checkpoint. */
  public void restored(long checkpoint) {
    passed = checkpoint;
    complete = checkpoint;
  }

  public void passed(long checkpoint) {
    passed = checkpoint;
  }

  public void completed(long checkpoint) {
    complete = Math.max(complete, checkpoint);
  }

  /** Of this moment. */
  public long stamp() {
    return passed;
  }

  /** Whether everything that was on its way at the moment of the stamp has arrived. */
  public boolean isSettled(long stamp) {
    return stamp < complete;
  }
}
