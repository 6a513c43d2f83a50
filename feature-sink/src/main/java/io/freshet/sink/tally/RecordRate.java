package io.freshet.sink.tally;

import java.time.InstantSource;

/**
 * How many records of a topic there were, and how many a second arrived in the last {@value
 * #WINDOW_SECONDS} seconds by the broker's clock. Owned by one thread.
 */
final class RecordRate {
  static final int WINDOW_SECONDS = 30;

  private final InstantSource clock;
  private final long[] countOfSecond = new long[WINDOW_SECONDS];
  private final long[] second = new long[WINDOW_SECONDS];
  private long total;

  RecordRate(InstantSource clock) {
    this.clock = clock;
  }

  void add(long timestampMillis) {
    total++;
    long at = timestampMillis / 1000;
    int slot = (int) (at % WINDOW_SECONDS);
    if (second[slot] != at) {
      second[slot] = at;
      countOfSecond[slot] = 0;
    }
    countOfSecond[slot]++;
  }

  long total() {
    return total;
  }

  double perSecond() {
    long oldest = clock.millis() / 1000 - WINDOW_SECONDS;
    long recent = 0;
    for (int slot = 0; slot < WINDOW_SECONDS; slot++) {
      if (second[slot] > oldest) {
        recent += countOfSecond[slot];
      }
    }
    return (double) recent / WINDOW_SECONDS;
  }
}
