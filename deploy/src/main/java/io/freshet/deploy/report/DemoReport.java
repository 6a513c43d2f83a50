package io.freshet.deploy.report;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/** {@code report.json}: what a demo did. Keys in snake_case with units in the name. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DemoReport(
    boolean loopClosed,
    double minutes,
    Counts counts,
    Conservation conservation,
    Training training,
    List<ReleaseLine> releases,
    List<QualityLine> knnTop1Percent,
    LatencyMillis latencyMs,
    long peakRssMb,
    Double firstReleaseAfterS,
    Map<String, String> versions) {

  /** Outcomes of the run, over all starts on this state. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Counts(
      long requests,
      Map<String, Long> rejected,
      Map<String, Long> duplicates,
      long unique,
      long retracted,
      long curated,
      long features) {}

  /** Whether requests = rejected + duplicates + unique, and no request has two outcomes. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Conservation(boolean holds, long requests, long outcomes, int repeated) {}

  /** The trainer; k-NN top-1 in percent by dataset. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Training(
      long steps,
      long imagesSeen,
      double stepMs,
      Double lossFirst,
      Double lossLast,
      Map<String, Double> knnUntrained) {}

  /** A release; k-NN top-1 in percent by dataset. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record ReleaseLine(
      String version,
      long step,
      long imagesSeen,
      Map<String, Double> knnTop1,
      String publishedAt) {}

  /** A line of the comparison, in percent; null where there is no figure. */
  public record QualityLine(String name, Double photos, Double drawings) {}

  /** Milliseconds; null where nothing was measured. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record LatencyMillis(
      Long requestToVerdictP50,
      Long requestToVerdictP99,
      Long uniqueToFeatureP50,
      Long uniqueToFeatureP99) {}
}
