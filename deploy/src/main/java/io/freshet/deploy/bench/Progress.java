package io.freshet.deploy.bench;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says every ten seconds how far a long measurement is, how fast and how long still. Thread-safe.
 */
final class Progress {
  private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  private final PrintWriter out;
  private final String what;
  private final long total;
  private final long start = System.nanoTime();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong told = new AtomicLong(start);

  Progress(PrintWriter out, String what, long total) {
    this.out = out;
    this.what = what;
    this.total = total;
  }

  void add(long more) {
    tell(done.addAndGet(more));
  }

  void at(long now) {
    done.set(now);
    tell(now);
  }

  private void tell(long now) {
    long nanos = System.nanoTime();
    long before = told.get();
    if (now == 0) {
      return;
    }
    if (nanos - before >= PAUSE_NANOS && told.compareAndSet(before, nanos)) {
      double perSecond = now / ((nanos - start) / 1e9);
      out.printf(
          Locale.ROOT,
          "%s: %,d of %,d, %,.0f/s, %,.0f s left%n",
          what,
          now,
          total,
          perSecond,
          (total - now) / perSecond);
      out.flush();
    }
  }
}
