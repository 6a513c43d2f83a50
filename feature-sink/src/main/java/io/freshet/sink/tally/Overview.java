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
 * @param champion {@code name@version} of the model that writes features, or null
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Overview(
    Map<String, Long> counts,
    Map<String, Double> ratesPerS,
    Map<String, Long> rejectedByReason,
    Map<String, Long> duplicatesByMethod,
    String champion,
    Training training,
    List<ReleaseLine> releases) {

  /**
   * The newest training step and the curve up to it.
   *
   * @param imagesPerS images a second over the last steps
   * @param dataWaitShare share of the step time spent waiting for data, 0..1
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Training(
      long step,
      long imagesSeen,
      double imagesPerS,
      Double loss,
      Double lr,
      Double gradNorm,
      double dataWaitShare,
      Curve curve) {}

  /** Columns of equal length. */
  public record Curve(List<Long> step, List<Double> total, List<Double> dino, List<Double> ibot) {}

  /** A published version; the time is ISO 8601. */
  @JsonNaming(SnakeCaseStrategy.class)
  public record ReleaseLine(
      String name,
      int version,
      long step,
      long imagesSeen,
      Map<String, Double> metrics,
      String publishedAt,
      List<String> aliases) {}
}
