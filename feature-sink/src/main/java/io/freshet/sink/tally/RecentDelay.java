package io.freshet.sink.tally;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalDouble;

/** How long a stage took lately: the median of the newest {@value #KEPT}. Owned by one thread. */
final class RecentDelay {
  static final int KEPT = 128;

  private final double[] seconds = new double[KEPT];
  private long added;

  /** What seems to end before it began, because clocks differ, took no time. */
  void add(Instant from, Instant to) {
    seconds[(int) (added++ % KEPT)] = Math.max(0, Duration.between(from, to).toNanos() / 1e9);
  }

  OptionalDouble medianSeconds() {
    double[] sorted = Arrays.copyOf(seconds, (int) Math.min(added, KEPT));
    Arrays.sort(sorted);
    return sorted.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sorted[sorted.length / 2]);
  }
}
