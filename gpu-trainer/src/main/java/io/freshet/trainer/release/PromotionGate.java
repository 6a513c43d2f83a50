package io.freshet.trainer.release;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Decides from measured numbers alone what a release becomes. Immutable. */
public final class PromotionGate {
  private final double maxRegression;
  private final double maxRankLoss;

  /**
   * @param maxRegression tolerated loss of k-NN accuracy on any one set, 0..1
   * @param maxRankLoss tolerated loss of RankMe on any one set, as a share of the champion's, 0..1
   */
  public PromotionGate(double maxRegression, double maxRankLoss) {
    this.maxRegression = maxRegression;
    this.maxRankLoss = maxRankLoss;
  }

  /** A decision and why. */
  public record Decision(boolean promoted, String reason) {}

  /**
   * Whether a release becomes champion: on no set that both were measured on is any number worse
   * than the champion's by more than its bound. The first release always does.
   */
  public Decision champion(
      Map<String, Double> metrics, Optional<Map<String, Double>> championMetrics) {
    if (championMetrics.isEmpty()) {
      return new Decision(true, "there was no champion");
    }
    for (Map.Entry<String, Double> held : held(championMetrics.orElseThrow()).entrySet()) {
      String name = held.getKey();
      double theirs = held.getValue();
      Double mine = metrics.get(name);
      if (mine != null && mine < least(name, theirs)) {
        return new Decision(
            false,
            "%s is %.4f, the champion's %.4f, tolerated is %.4f"
                .formatted(name, mine, theirs, least(name, theirs)));
      }
    }
    return new Decision(true, "no number is worse than the champion's beyond its bound");
  }

  /** Those of a champion's numbers that have a bound. */
  private static Map<String, Double> held(Map<String, Double> championMetrics) {
    Map<String, Double> held = new TreeMap<>();
    championMetrics.forEach(
        (name, value) -> {
          if (name.startsWith(Metrics.KNN_TOP1) || name.startsWith(Metrics.RANKME)) {
            held.put(name, value);
          }
        });
    return held;
  }

  private double least(String name, double champions) {
    return name.startsWith(Metrics.RANKME)
        ? champions * (1 - maxRankLoss)
        : champions - maxRegression;
  }

  /**
   * What the decision about a champion rests on, as numbers for the manifest: what it was held
   * against under {@link Metrics#CHAMPION}, bounds and decision under {@link Metrics#GATE}.
   */
  public Map<String, Double> evidence(
      Map<String, Double> metrics, Optional<Map<String, Double>> championMetrics) {
    Map<String, Double> evidence =
        new TreeMap<>(
            Metrics.named(
                Metrics.CHAMPION, championMetrics.map(PromotionGate::held).orElse(Map.of())));
    evidence.put(Metrics.GATE + "max_regression", maxRegression);
    evidence.put(Metrics.GATE + "max_rank_loss", maxRankLoss);
    evidence.put(
        Metrics.GATE + "promoted", champion(metrics, championMetrics).promoted() ? 1.0 : 0.0);
    return evidence;
  }

  /** Whether a release may curate: it is better than the curation model on every set. */
  public Decision curation(Map<String, Double> metrics) {
    Map<String, Double> ours = Metrics.under(Metrics.COMPARED_TOP1, metrics);
    Map<String, Double> theirs = Metrics.under(Metrics.CURATION_TOP1, metrics);
    if (ours.isEmpty() || !ours.keySet().equals(theirs.keySet())) {
      return new Decision(false, "not measured against the curation model on every set");
    }
    for (Map.Entry<String, Double> set : theirs.entrySet()) {
      double mine = ours.get(set.getKey());
      if (!(mine > set.getValue())) {
        return new Decision(
            false,
            "k-NN on %s is %.4f, the curation model's %.4f"
                .formatted(set.getKey(), mine, set.getValue()));
      }
    }
    return new Decision(true, "better than the curation model on every set");
  }
}
