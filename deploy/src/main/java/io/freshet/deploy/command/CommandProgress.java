package io.freshet.deploy.command;

import io.freshet.trainer.evaluate.EvaluationProgress;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Writes how far a command is: in place on a terminal, else a line every few seconds. One thread at
 * a time.
 */
final class CommandProgress implements EvaluationProgress {
  private static final long REDRAW_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintWriter out;
  private final boolean terminal = Boolean.getBoolean("freshet.terminal");
  private String phase = "";
  private long phaseStart;
  private long last;
  private boolean drawn;

  CommandProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void at(String current, long done, long total) {
    long now = System.nanoTime();
    if (!current.equals(phase)) {
      end();
      phase = current;
      phaseStart = now;
      last = now;
    }
    if (now - last < (terminal ? REDRAW_NANOS : LINE_NANOS) || done == 0) {
      return;
    }
    last = now;
    double rate = done * 1e9 / (now - phaseStart);
    out.printf(
        Locale.ROOT,
        terminal
            ? "\r%-20s %,d of %,d, %,.1f/s, %d s left   "
            : "%s: %,d of %,d, %,.1f/s, %d s left%n",
        phase,
        done,
        total,
        rate,
        Math.round((total - done) / rate));
    out.flush();
    drawn = terminal;
  }

  /** Leaves the terminal clean. */
  void end() {
    if (drawn) {
      out.printf("\r%80s\r", "");
      out.flush();
      drawn = false;
    }
  }
}
