package io.freshet.deploy.demo;

import io.freshet.sink.tally.Overview;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows how a demo goes: on a terminal a bar that is drawn over, elsewhere a plain line every
 * fifteen seconds. Owned by one thread.
 */
final class DemoProgress {
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(15);
  private static final int BAR_CELLS = 20;

  private final PrintWriter out;
  private final boolean terminal;
  private long nextPlainLine = Long.MIN_VALUE;

  DemoProgress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** A line that stays. */
  void say(String line) {
    out.println(terminal ? "\r\u001b[2K" + line : line);
    out.flush();
  }

  /**
   * Where the run is.
   *
   * @param elapsed since the crawl began
   * @param total how long it will run
   */
  void show(Duration elapsed, Duration total, Overview overview) {
    String line = line(elapsed, total, overview);
    if (terminal) {
      out.print("\r\u001b[2K" + bar(elapsed, total) + " " + line);
      out.flush();
    } else if (elapsed.toMillis() >= nextPlainLine) {
      nextPlainLine = elapsed.toMillis() + PLAIN_INTERVAL.toMillis();
      out.println(line);
      out.flush();
    }
  }

  /** Ends the bar. */
  void done() {
    if (terminal) {
      out.println();
      out.flush();
    }
  }

  private static String line(Duration elapsed, Duration total, Overview overview) {
    Overview.Training training = overview.training();
    Duration left = total.minus(elapsed).isNegative() ? Duration.ZERO : total.minus(elapsed);
    return String.format(
        Locale.ROOT,
        "%s left | %d images (%.0f/s) %d unique %d dup %d refused | %d curated | step %d loss %s %.0f img/s | %d releases | %d features",
        clock(left),
        overview.counts().get("requests"),
        overview.ratesPerS().get("requests"),
        overview.counts().get("unique"),
        overview.counts().get("duplicate"),
        overview.counts().get("rejected"),
        overview.counts().get("curated"),
        training.step(),
        training.loss() == null ? "-" : String.format(Locale.ROOT, "%.2f", training.loss()),
        training.imagesPerS(),
        overview.counts().get("releases"),
        overview.counts().get("features"));
  }

  private static String bar(Duration elapsed, Duration total) {
    double share = Math.min(1, (double) elapsed.toMillis() / Math.max(1, total.toMillis()));
    int full = (int) (share * BAR_CELLS);
    return "[" + "=".repeat(full) + " ".repeat(BAR_CELLS - full) + "]";
  }

  private static String clock(Duration duration) {
    return "%d:%02d".formatted(duration.toMinutes(), duration.toSecondsPart());
  }
}
