package io.freshet.ingest.fetch;

import java.time.Duration;

/**
 * The end of a fetch on the monotonic clock.
 *
 * @param endNanos of {@link System#nanoTime}
 * @param allowed what was granted, for messages
 */
record Deadline(long endNanos, Duration allowed) {
  static Deadline after(Duration allowed) {
    return new Deadline(System.nanoTime() + allowed.toNanos(), allowed);
  }

  boolean hasPassed() {
    return remainingNanos() <= 0;
  }

  /** At least 1 ms, because 0 means for ever to sockets. */
  Duration remaining() {
    return Duration.ofNanos(Math.max(remainingNanos(), 1_000_000));
  }

  Duration orSooner(Duration other) {
    Duration remaining = remaining();
    return remaining.compareTo(other) < 0 ? remaining : other;
  }

  private long remainingNanos() {
    return endNanos - System.nanoTime();
  }
}
