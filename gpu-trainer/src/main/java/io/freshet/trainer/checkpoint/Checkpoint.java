package io.freshet.trainer.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that a run needs to go on exactly where it was, as one unit.
 *
 * @param position step, offsets, replay buffer
 * @param tensors student, teacher, heads, optimiser moments, centres; by name
 */
public record Checkpoint(TrainerPosition position, Map<String, StateTensor> tensors) {
  public Checkpoint {
    tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
  }
}
