package io.freshet.sink.tally;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * One consistent look at the whole stream.
 *
 * @param counts committed records by stage since the topics began
 * @param ratesPerS records a second by stage over the last half minute
 * @param waiting records that lie before a stage and it has not come to: {@code dedup}, {@code
 *     curator}, {@code trainer}, {@code features}
 * @param delaysS how long images lately took for a stage, seconds, the median: {@code ingest},
 *     {@code dedup}, {@code curator}, {@code trainer}, {@code features}; a stage that did nothing
 *     has none
 * @param wallsNewest number of the newest image of each wall
 * @param champion {@code name@version} of the model that writes features, or null
 * @param alteredAliases names of those whose file is not what was written, so that nobody knows
 *     where they point
 * @param staleSince ISO 8601: since when the topics can't be read and all of this stands still;
 *     null while it moves
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Overview(
    Map<String, Long> counts,
    Map<String, Double> ratesPerS,
    Map<String, Long> waiting,
    Map<String, Double> delaysS,
    Map<String, Long> rejectedByReason,
    Map<String, Long> duplicatesByMethod,
    Map<String, Long> wallsNewest,
    int curationWindows,
    String champion,
    List<String> alteredAliases,
    String staleSince,
    Training training,
    List<ReleaseLine> releases) {

  /**
   * The newest training step.
   *
   * @param runId null before the first step
   * @param imagesPerS images a second over the last steps
   * @param dataWaitShare share of the step time spent waiting for data, 0..1
   * @param skipped steps of the run whose update the guard refused
   * @param collapse the newest of each collapse measure
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Training(
      String runId,
      long step,
      long imagesSeen,
      double imagesPerS,
      Double loss,
      Double lr,
      Double gradNorm,
      double dataWaitShare,
      long skipped,
      Map<String, Double> collapse) {}

  /**
   * A published version; the time is ISO 8601.
   *
   * @param publishedAt null when altered
   * @param altered its manifest is not what was published, so nothing else is known of it: no
   *     steps, no images, no metrics
   * @param aliases that point at it now
   * @param championPeriods when it was champion, oldest first, as far back as the alias remembers
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record ReleaseLine(
      String name,
      int version,
      long step,
      long imagesSeen,
      Map<String, Double> metrics,
      String publishedAt,
      boolean altered,
      List<String> aliases,
      List<Period> championPeriods) {}

  /**
   * A stretch of time, ISO 8601.
   *
   * @param until null while it lasts
   */
  public record Period(String from, String until) {}
}
