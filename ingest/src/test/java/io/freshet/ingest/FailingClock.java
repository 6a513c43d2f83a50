package io.freshet.ingest;

import io.freshet.ingest.intake.ImageIntake;
import java.io.Serializable;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A clock that stops the operator at chosen images, once each: the image is in the shard by then,
 * and its record is not yet on its way.
 */
final class FailingClock extends Clock implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final AtomicInteger IMAGES = new AtomicInteger();
  private static final Set<Integer> FAILURES = new ConcurrentSkipListSet<>();

  /** Images, counted over restarts, at which the operator fails. */
  static void failAt(Set<Integer> images) {
    IMAGES.set(0);
    FAILURES.clear();
    FAILURES.addAll(images);
  }

  /** Failures that have not happened yet. */
  static int failuresAhead() {
    return FAILURES.size();
  }

  @Override
  public Instant instant() {
    boolean image =
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames.anyMatch(f -> f.getClassName().equals(ImageIntake.class.getName())));
    if (image && FAILURES.remove(IMAGES.incrementAndGet())) {
      throw new IllegalStateException("failure injected by the test");
    }
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  @Override
  public ZoneId getZone() {
    return ZoneId.of("UTC");
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
