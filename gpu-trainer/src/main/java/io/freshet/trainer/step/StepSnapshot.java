package io.freshet.trainer.step;

import io.freshet.trainer.checkpoint.StateTensor;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a step works on, copied to the Java heap; training from it is bit-identical on a CPU.
 *
 * @param step the next step to run
 * @param imagesSeen images of all applied steps
 * @param tensors {@code student.*}, {@code teacher.*}, {@code exp_avg.*} and {@code exp_avg_sq.*}
 *     over checkpoint names, {@code center.dino}, {@code center.ibot} and {@code updates}, AdamW's
 *     count of updates, which a skipped step does not raise
 */
public record StepSnapshot(long step, long imagesSeen, Map<String, StateTensor> tensors) {

  public StepSnapshot {
    if (step < 0 || imagesSeen < 0) {
      throw new IllegalArgumentException(
          "a snapshot has no negative step or image count, not step "
              + step
              + " and "
              + imagesSeen
              + " images");
    }
    tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
  }
}
