package io.freshet.trainer.checkpoint;

import io.freshet.trainer.data.CompositionState;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a run stands, apart from its tensors.
 *
 * @param runId the run
 * @param seed the run's seed; all its random streams are functions of it and of the step
 * @param step optimiser steps done
 * @param imagesSeen images of all these steps together
 * @param composition consumed offsets, replay buffer and the plans that are not trained yet
 * @param counters further numbers that survive a restart, such as {@code skipped_steps}
 * @param notes further text that survives a restart, such as the random state of the step
 */
public record TrainerPosition(
    String runId,
    long seed,
    long step,
    long imagesSeen,
    CompositionState composition,
    Map<String, Double> counters,
    Map<String, String> notes) {
  public TrainerPosition {
    if (runId.isBlank() || step < 0 || imagesSeen < 0) {
      throw new IllegalArgumentException(
          "no position: run '%s', step %d, %d images seen".formatted(runId, step, imagesSeen));
    }
    if (composition.firstUntrainedStep() != step) {
      throw new IllegalArgumentException(
          "%d steps are done, but the oldest pending plan is for step %d"
              .formatted(step, composition.firstUntrainedStep()));
    }
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
    notes = Collections.unmodifiableMap(new TreeMap<>(notes));
  }
}
