package io.freshet.trainer.checkpoint;

import java.util.Collections;
import java.util.List;
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

  /**
   * Refuses a state that no run could go on from.
   *
   * @throws NonFiniteStateException when a tensor holds NaN or an infinity
   */
  public void requireFinite() {
    List<String> bad = StateTensor.notFinite(tensors);
    if (!bad.isEmpty()) {
      throw new NonFiniteStateException(position.step(), bad);
    }
  }
}
