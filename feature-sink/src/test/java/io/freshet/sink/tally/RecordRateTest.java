package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class RecordRateTest {
  private static final long NOW = 1_700_000_000_000L;

  private final RecordRate rate = new RecordRate(InstantSource.fixed(Instant.ofEpochMilli(NOW)));

  @Test
  void averagesOverTheWindow() {
    for (int i = 0; i < 60; i++) {
      rate.add(NOW - 1_000 - 300L * i);
    }
    assertEquals(60, rate.total());
    assertEquals(60.0 / RecordRate.WINDOW_SECONDS, rate.perSecond(), 1e-9);
  }

  @Test
  void forgetsWhatIsOlderThanTheWindow() {
    rate.add(NOW - 120_000);
    rate.add(NOW - 90_000);
    rate.add(NOW);
    assertEquals(3, rate.total());
    assertEquals(1.0 / RecordRate.WINDOW_SECONDS, rate.perSecond(), 1e-9);
  }
}
