package io.freshet.trainer.run;

import io.freshet.trainer.torch.Precision;
import java.io.Serializable;
import java.time.Duration;

/**
 * Section {@code trainer.run}.
 *
 * @param seed all random streams of a new run are functions of it; a resumed run keeps its own
 * @param precision what products are computed in; a run resumed with another one goes on with other
 *     bits
 * @param torchThreads threads of one libtorch call, at least 1
 * @param decodeThreads threads that decode and augment, at least 1; with the former no more than
 *     the cores
 * @param prefetchBatches batches prepared ahead, at least 1
 * @param admissionQueue curated records that may wait for the training thread, at least 1
 * @param maxSteps optimiser steps after which the trainer ends; 0 = it never does
 * @param replayLedger after a crash, train the steps that the ledger knows on the same images again
 * @param replayPatience how long to wait for records that the ledger names before giving up
 */
public record RunConfig(
    long seed,
    Precision precision,
    int torchThreads,
    int decodeThreads,
    int prefetchBatches,
    int admissionQueue,
    long maxSteps,
    boolean replayLedger,
    Duration replayPatience)
    implements Serializable {
  public RunConfig {
    requirePositive("torch_threads", torchThreads);
    requirePositive("decode_threads", decodeThreads);
    requirePositive("prefetch_batches", prefetchBatches);
    requirePositive("admission_queue", admissionQueue);
    if (maxSteps < 0) {
      throw new IllegalArgumentException(
          "trainer.run.max_steps is " + maxSteps + "; write 0 for no end, or a count");
    }
    if (replayPatience.isNegative() || replayPatience.isZero()) {
      throw new IllegalArgumentException(
          "trainer.run.replay_patience is " + replayPatience + "; it must be positive");
    }
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "trainer.run." + key + " is " + value + "; it must be at least 1");
    }
  }
}
