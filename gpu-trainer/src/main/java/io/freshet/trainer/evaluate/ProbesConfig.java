package io.freshet.trainer.evaluate;

import java.io.Serializable;

/**
 * Section {@code trainer.evaluation.probes}: what is measured of each release beside k-NN, and on
 * how much of each set. All of it works on features that are there already.
 *
 * @param bank labelled images of a set that are learned from at most, at least 2; a fixed random
 *     choice
 * @param queries of a set that are asked at most, at least 1; a fixed random choice
 * @param linearSteps SGD steps of the linear probe, each for 13 learning rates; 0 = not measured
 * @param logisticRegression whether it is measured
 * @param retrieval whether it is measured
 */
public record ProbesConfig(
    int bank, int queries, int linearSteps, boolean logisticRegression, boolean retrieval)
    implements Serializable {
  /** Beyond DINOv2's own number there is a mistake. */
  private static final int MAX_LINEAR_STEPS = 100_000;

  public ProbesConfig {
    if (bank < 2 || queries < 1) {
      throw new IllegalArgumentException(
          "trainer.evaluation.probes: bank %d and queries %d must be at least 2 and 1"
              .formatted(bank, queries));
    }
    if (linearSteps < 0 || linearSteps > MAX_LINEAR_STEPS) {
      throw new IllegalArgumentException(
          "trainer.evaluation.probes.linear_steps is %d; write 1 to %d, or 0 for no linear probe"
              .formatted(linearSteps, MAX_LINEAR_STEPS));
    }
  }
}
