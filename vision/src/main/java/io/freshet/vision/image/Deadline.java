package io.freshet.vision.image;

import java.io.Serial;
import java.time.Duration;
import java.util.function.LongSupplier;

/** The moment by which one decode must be over. Owned by the decoding thread. */
final class Deadline {
  private final LongSupplier nanoTime;
  private final long start;
  private final long budget;

  Deadline(LongSupplier nanoTime, Duration timeout) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.budget = timeout.toNanos();
  }

  boolean passed() {
    return nanoTime.getAsLong() - start > budget;
  }

  /** Unchecked, because it has to travel through readers that swallow what they declare. */
  void check() {
    if (passed()) {
      throw new DeadlinePassedException();
    }
  }

  /** Ends a decode from inside a reader. */
  static final class DeadlinePassedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;
  }
}
