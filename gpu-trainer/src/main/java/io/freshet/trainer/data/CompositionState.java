package io.freshet.trainer.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that decides which images the steps after a checkpoint see.
 *
 * @param nextStep the first step that has no plan yet
 * @param offsets next offset to read in each partition of {@code image.curated}
 * @param buffer content of the replay buffer after {@code offsets} were consumed
 * @param pending plans that were made but not trained yet, in step order
 */
public record CompositionState(
    long nextStep, Map<Integer, Long> offsets, ReplayManifest buffer, List<BatchPlan> pending) {
  public CompositionState {
    offsets = Collections.unmodifiableMap(new TreeMap<>(offsets));
    pending = List.copyOf(pending);
    long expected = nextStep - pending.size();
    for (BatchPlan plan : pending) {
      if (plan.step() != expected) {
        throw new IllegalArgumentException(
            "pending plans must lead up to step %d without a gap, found %d where %d belongs"
                .formatted(nextStep, plan.step(), expected));
      }
      expected++;
    }
  }

  public static CompositionState initial() {
    return new CompositionState(0, Map.of(), ReplayManifest.empty(), List.of());
  }

  /** The step that is trained next. */
  public long firstUntrainedStep() {
    return nextStep - pending.size();
  }
}
