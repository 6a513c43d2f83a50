package io.freshet.platform.flink;

import java.io.Serializable;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** Runs ahead of the system's clock by what the tests of this JVM asked for. */
final class SettableClock extends Clock implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final AtomicLong AHEAD_MILLIS = new AtomicLong();

  static void advance(Duration time) {
    AHEAD_MILLIS.addAndGet(time.toMillis());
  }

  static void reset() {
    AHEAD_MILLIS.set(0);
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(System.currentTimeMillis() + AHEAD_MILLIS.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("UTC only");
  }
}
