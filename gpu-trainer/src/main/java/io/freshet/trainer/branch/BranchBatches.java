package io.freshet.trainer.branch;

import io.freshet.trainer.data.BatchMaker;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.BatchPrefetcher;
import io.freshet.trainer.data.ReplayBuffer;
import io.freshet.trainer.step.TrainingBatch;
import java.util.Map;

/**
 * The batches of a branch in order, each prepared on one further thread while the step before it
 * runs. Owned by the thread that trains the branch.
 */
final class BranchBatches implements AutoCloseable {
  private static final int AHEAD = 2;
  private static final int DECODE_THREADS = 1;

  private final ReplayBuffer buffer;
  private final BatchPrefetcher prefetcher;
  private final int batchImages;
  private final long steps;
  private long planned;

  /**
   * @param buffer is drawn from and never added to
   * @param steps batches that will be asked for
   */
  BranchBatches(ReplayBuffer buffer, BatchMaker maker, int batchImages, long steps) {
    this.buffer = buffer;
    this.prefetcher = new BatchPrefetcher(maker, DECODE_THREADS);
    this.batchImages = batchImages;
    this.steps = steps;
  }

  /** The next batch; waits for it. */
  TrainingBatch next() throws InterruptedException {
    while (prefetcher.ahead() < AHEAD && planned < steps) {
      prefetcher.submit(new BatchPlan(planned, buffer.draw(planned, batchImages), Map.of()));
      planned++;
    }
    return prefetcher.take().prepared().batch();
  }

  @Override
  public void close() {
    prefetcher.close();
  }
}
