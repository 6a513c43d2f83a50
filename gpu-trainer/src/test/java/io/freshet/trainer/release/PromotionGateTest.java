package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromotionGateTest {
  private final PromotionGate gate = new PromotionGate(0.02, 0.5);

  @Test
  void theFirstReleaseBecomesChampion() {
    assertTrue(gate.champion(Map.of(), Optional.empty()).promoted());
  }

  @Test
  void aSmallLossOnOneSetIsTolerated() {
    assertTrue(champion(Map.of("photos", 0.48, "drawings", 0.40)));
  }

  @Test
  void aLossBeyondTheBoundOnAnySetIsRefusedWhateverTheOthersGain() {
    assertFalse(champion(Map.of("photos", 0.90, "drawings", 0.37)));
  }

  @Test
  void aSetThatTheChampionWasNotMeasuredOnDoesNotCount() {
    assertTrue(champion(Map.of("photos", 0.50, "drawings", 0.40, "new", 0.0)));
  }

  @Test
  void featuresThatFallIntoFewDimensionsAreRefused() {
    Map<String, Double> champion = Map.of("knn_top1/photos", 0.4, "rankme/photos", 60.0);
    assertTrue(
        gate.champion(Map.of("knn_top1/photos", 0.4, "rankme/photos", 31.0), Optional.of(champion))
            .promoted());
    PromotionGate.Decision fallen =
        gate.champion(Map.of("knn_top1/photos", 0.9, "rankme/photos", 29.0), Optional.of(champion));
    assertFalse(fallen.promoted());
    assertTrue(fallen.reason().contains("rankme/photos is 29.0000"), fallen.reason());
  }

  @Test
  void theEvidenceHoldsNumbersBoundsAndDecision() {
    Map<String, Double> champion = Map.of("knn_top1/photos", 0.4, "untrained_knn_top1/photos", 0.3);
    assertEquals(
        Map.of(
            "champion/knn_top1/photos", 0.4,
            "gate/max_regression", 0.02,
            "gate/max_rank_loss", 0.5,
            "gate/promoted", 0.0),
        gate.evidence(Map.of("knn_top1/photos", 0.1), Optional.of(champion)));
    assertEquals(1.0, gate.evidence(Map.of(), Optional.empty()).get("gate/promoted"));
  }

  @Test
  void curatesOnlyWhenBetterOnEverySet() {
    assertTrue(curation(Map.of("photos", 0.61, "drawings", 0.51)));
    assertFalse(curation(Map.of("photos", 0.99, "drawings", 0.50)));
  }

  @Test
  void doesNotCurateWithoutAComparisonOnEverySet() {
    assertFalse(curation(Map.of("photos", 0.99)));
    assertFalse(gate.curation(Map.of("knn_top1/photos", 0.9)).promoted());
  }

  private boolean champion(Map<String, Double> top1) {
    Map<String, Double> champion =
        Metrics.named(Metrics.KNN_TOP1, Map.of("photos", 0.49, "drawings", 0.40));
    return gate.champion(Metrics.named(Metrics.KNN_TOP1, top1), Optional.of(champion)).promoted();
  }

  private boolean curation(Map<String, Double> top1) {
    Map<String, Double> metrics =
        Metrics.named(Metrics.CURATION_TOP1, Map.of("photos", 0.60, "drawings", 0.50));
    metrics.putAll(Metrics.named(Metrics.COMPARED_TOP1, top1));
    return gate.curation(metrics).promoted();
  }
}
