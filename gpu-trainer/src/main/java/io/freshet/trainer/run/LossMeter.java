package io.freshet.trainer.run;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Means of the first and of the last losses of a run. Owned by the training thread. */
final class LossMeter {
  private static final String SUM = "first_losses_sum";
  private static final String COUNT = "first_losses_count";

  private final ArrayDeque<Double> last = new ArrayDeque<>();
  private double firstSum;
  private int firstCount;

  LossMeter(Map<String, Double> counters) {
    firstSum = counters.getOrDefault(SUM, 0.0);
    firstCount = counters.getOrDefault(COUNT, 0.0).intValue();
  }

  void add(double loss) {
    if (!Double.isFinite(loss)) {
      return;
    }
    if (firstCount < TrainerStatus.LOSS_STEPS) {
      firstSum += loss;
      firstCount++;
    }
    last.addLast(loss);
    if (last.size() > TrainerStatus.LOSS_STEPS) {
      last.removeFirst();
    }
  }

  Optional<Double> first() {
    return firstCount == 0 ? Optional.empty() : Optional.of(firstSum / firstCount);
  }

  Optional<Double> last() {
    return last.isEmpty()
        ? Optional.empty()
        : Optional.of(last.stream().mapToDouble(Double::doubleValue).sum() / last.size());
  }

  /** For the next checkpoint. */
  Map<String, Double> counters() {
    Map<String, Double> counters = new HashMap<>();
    counters.put(SUM, firstSum);
    counters.put(COUNT, (double) firstCount);
    return counters;
  }
}
