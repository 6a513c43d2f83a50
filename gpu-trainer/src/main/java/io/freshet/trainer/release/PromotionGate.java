package io.freshet.trainer.release;

import java.util.Map;
import java.util.Optional;

/** Decides from measured accuracies alone what a release becomes. Immutable. */
public final class PromotionGate {
  private final double maxRegression;

  /**
   * @param maxRegression tolerated loss of accuracy on any one set, 0..1
   */
  public PromotionGate(double maxRegression) {
    this.maxRegression = maxRegression;
  }

  /** A decision and why. */
  public record Decision(boolean promoted, String reason) {}

  /**
   * Whether a release becomes champion: on no set that both were measured on is it worse than the
   * champion by more than the bound. The first release always does.
   */
  public Decision champion(
      Map<String, Double> metrics, Optional<Map<String, Double>> championMetrics) {
    if (championMetrics.isEmpty()) {
      return new Decision(true, "there was no champion");
    }
    Map<String, Double> ours = Metrics.under(Metrics.KNN_TOP1, metrics);
    Map<String, Double> theirs = Metrics.under(Metrics.KNN_TOP1, championMetrics.orElseThrow());
    for (Map.Entry<String, Double> set : theirs.entrySet()) {
      Double mine = ours.get(set.getKey());
      if (mine != null && mine < set.getValue() - maxRegression) {
        return new Decision(
            false,
            "k-NN on %s is %.4f, the champion's %.4f, tolerated is a loss of %.4f"
                .formatted(set.getKey(), mine, set.getValue(), maxRegression));
      }
    }
    return new Decision(true, "no set is worse than the champion's beyond the bound");
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
