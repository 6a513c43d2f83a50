package io.freshet.deploy.report;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** The report as a table on the terminal. */
public final class TerminalReport {
  private final PrintWriter out;

  public TerminalReport(PrintWriter out) {
    this.out = out;
  }

  public void print(DemoReport report) {
    DemoReport.Counts counts = report.counts();
    line("%n%-28s %12s", "THE STREAM", "");
    line("%-28s %,12d", "images asked for", counts.requests());
    line("%-28s %,12d  %s", "refused", sum(counts.rejected()), counts.rejected());
    line("%-28s %,12d  %s", "duplicates", sum(counts.duplicates()), counts.duplicates());
    line("%-28s %,12d", "unique", counts.unique());
    line("%-28s %,12d  %s", "retracted since", counts.retracted(), "joined to others later");
    line("%-28s %,12d", "curated", counts.curated());
    line("%-28s %,12d", "features", counts.features());
    DemoReport.Conservation conservation = report.conservation();
    line(
        "%-28s %12s  %,d requests, %,d outcomes, %,d twice",
        "conservation",
        conservation.holds() ? "holds" : "BROKEN",
        conservation.requests(),
        conservation.outcomes(),
        conservation.repeated());
    DemoReport.LatencyMillis latency = report.latencyMs();
    line(
        "%-28s %12s ms (p99 %s)",
        "request to verdict", latency.requestToVerdictP50(), latency.requestToVerdictP99());
    line(
        "%-28s %12s ms (p99 %s)",
        "unique to feature", latency.uniqueToFeatureP50(), latency.uniqueToFeatureP99());

    DemoReport.Training training = report.training();
    line("%n%-28s %12s", "TRAINING", "");
    line(
        "%-28s %,12d  %,d images seen, %.0f ms a step",
        "steps", training.steps(), training.imagesSeen(), training.stepMs());
    line("%-28s %12s  first %s", "loss", figure(training.lossLast()), figure(training.lossFirst()));
    line("%-28s %,12d MB", "peak resident memory", report.peakRssMb());

    line("%n%-28s %12s %12s", "K-NN TOP-1 %", "photos", "drawings");
    for (DemoReport.QualityLine quality : report.knnTop1Percent()) {
      line("%-28s %12s %12s", quality.name(), figure(quality.photos()), figure(quality.drawings()));
    }
    out.println();
    out.flush();
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static String figure(Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }
}
