package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.release.PromotionGate.Champion;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PromotionGateTest {
  private static final Set<String> BOTH = Set.of("photos", "drawings");

  private final PromotionGate gate = new PromotionGate(bounds(Optional.of(0.5), Optional.empty()));

  @Test
  void theFirstReleaseBecomesChampion() {
    assertTrue(judge(Map.of(), Set.of(), Optional.empty()).promoted());
  }

  @Test
  void aSmallLossOnOneSetIsTolerated() {
    assertTrue(top1(Map.of("photos", 0.48, "drawings", 0.40)).promoted());
  }

  @Test
  void aLossBeyondTheBoundOnAnySetIsRefusedWhateverTheOthersGain() {
    assertFalse(top1(Map.of("photos", 0.90, "drawings", 0.37)).promoted());
  }

  @Test
  void aSetThatTheChampionWasNotMeasuredOnDoesNotCount() {
    assertTrue(top1(Map.of("photos", 0.50, "drawings", 0.40, "new", 0.0)).promoted());
  }

  @Test
  void aRegisteredSetThatWasNotMeasuredIsRefusedByName() {
    Judgement judgement = top1(Map.of("photos", 0.90));
    assertFalse(judgement.promoted());
    assertTrue(judgement.reason().startsWith("not measured on drawings"), judgement.reason());
    assertTrue(judgement.reason().contains("trainer.release.bounds.knn_top1"), judgement.reason());
  }

  @Test
  void aSetThatIsNotRegisteredAnyMoreBlocksNothing() {
    Map<String, Double> photos = Map.of("knn_top1/photos", 0.49);
    assertTrue(judge(photos, Set.of("photos"), both()).promoted());
  }

  @Test
  void aReleaseThatWasMeasuredOnNothingOfTheChampionsIsRefused() {
    Judgement judgement = judge(Map.of(), Set.of(), both());
    assertFalse(judgement.promoted());
    assertTrue(
        judgement.reason().startsWith("not measured on any of [drawings, photos]"),
        judgement.reason());
    assertFalse(judge(Map.of("knn_top1/new", 1.0), Set.of("new"), both()).promoted());
  }

  @Test
  void aChampionThatWasMeasuredOnNothingIsFollowed() {
    Optional<Champion> unmeasured = champion(Map.of());
    assertTrue(judge(Map.of(), Set.of(), unmeasured).promoted());
    assertTrue(judge(Map.of("knn_top1/photos", 0.1), BOTH, unmeasured).promoted());
  }

  @Test
  void aMetricWithoutABoundDecidesNothing() {
    PromotionGate lenient = new PromotionGate(bounds(Optional.empty(), Optional.empty()));
    Optional<Champion> champion = champion(Map.of("knn_top1/photos", 0.4, "rankme/photos", 60.0));
    Map<String, Double> fallen = Map.of("knn_top1/photos", 0.4, "rankme/photos", 1.0);
    assertTrue(lenient.champion(fallen, BOTH, champion, Optional.empty()).promoted());
  }

  @Test
  void featuresThatFallIntoFewDimensionsAreRefused() {
    Optional<Champion> champion = champion(Map.of("knn_top1/photos", 0.4, "rankme/photos", 60.0));
    Map<String, Double> metrics = new TreeMap<>(Map.of("knn_top1/photos", 0.9));
    metrics.put("rankme/photos", 31.0);
    assertTrue(judge(metrics, BOTH, champion).promoted());
    metrics.put("rankme/photos", 29.0);
    Judgement fallen = judge(metrics, BOTH, champion);
    assertFalse(fallen.promoted());
    assertTrue(fallen.reason().contains("rankme/photos is 29.0000"), fallen.reason());
  }

  @Test
  void nothingIsPromotedWhileAnAlarmStands() {
    Judgement judgement =
        gate.champion(Map.of(), Set.of(), Optional.empty(), Optional.of("rankme is 1.2"));
    assertFalse(judgement.promoted());
    assertEquals(1.0, judgement.evidence().get("gate/alarms"));
    assertTrue(judgement.reason().contains("rankme is 1.2"), judgement.reason());
  }

  @Test
  void theEvidenceHoldsNumbersBoundsAlarmsAndDecision() {
    Optional<Champion> champion =
        champion(Map.of("knn_top1/photos", 0.4, "untrained_knn_top1/photos", 0.3));
    Judgement judgement = judge(Map.of("knn_top1/photos", 0.1), BOTH, champion);
    assertEquals(
        Map.of(
            "champion/knn_top1/photos", 0.4,
            "gate/bound/knn_top1", 0.02,
            "gate/bound/rankme", 0.5,
            "gate/champion_version", 7.0,
            "gate/alarms", 0.0,
            "gate/promoted", 0.0),
        judgement.evidence());
    Map<String, Double> first = judge(Map.of(), BOTH, Optional.empty()).evidence();
    assertEquals(1.0, first.get("gate/promoted"));
    assertEquals(0.0, first.get("gate/champion_version"));
  }

  @Test
  void theEvidenceNamesTheChampionThatItIsAbout() {
    Map<String, Double> evidence = judge(Map.of("knn_top1/photos", 0.5), BOTH, both()).evidence();
    assertTrue(PromotionGate.wasHeldAgainst(evidence, both()));
    assertFalse(PromotionGate.wasHeldAgainst(evidence, Optional.empty()));
    assertFalse(
        PromotionGate.wasHeldAgainst(
            evidence, Optional.of(new Champion("freshet@8", 8, both().orElseThrow().metrics()))));
    assertFalse(
        PromotionGate.wasHeldAgainst(
            evidence, Optional.of(new Champion("other@7", 7, Map.of("knn_top1/photos", 0.1)))));
    assertFalse(PromotionGate.wasHeldAgainst(Map.of("gate/promoted", 1.0), Optional.empty()));
  }

  @Test
  void ofAMetricThatIsBetterLowerARiseBeyondTheBoundIsRefused() {
    PromotionGate even = new PromotionGate(bounds(Optional.empty(), Optional.of(0.5)));
    Optional<Champion> champion = champion(Map.of("uniformity/photos", -2.0));
    assertTrue(
        even.champion(Map.of("uniformity/photos", -3.5), BOTH, champion, Optional.empty())
            .promoted());
    assertTrue(
        even.champion(Map.of("uniformity/photos", -1.6), BOTH, champion, Optional.empty())
            .promoted());
    Judgement crowded =
        even.champion(Map.of("uniformity/photos", -1.4), BOTH, champion, Optional.empty());
    assertFalse(crowded.promoted());
    assertTrue(crowded.reason().contains("tolerated is -1.5000"), crowded.reason());
  }

  @Test
  void aProbeThatWasSwitchedOffWhileItsBoundStandsIsNamed() {
    PromotionGate probing =
        new PromotionGate(
            new MetricBounds(
                Optional.of(0.02),
                Optional.of(0.03),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    Optional<Champion> champion =
        champion(Map.of("knn_top1/photos", 0.4, "linear_top1/photos", 0.5));
    Judgement judgement =
        probing.champion(Map.of("knn_top1/photos", 0.9), BOTH, champion, Optional.empty());
    assertFalse(judgement.promoted());
    assertEquals(
        "not measured on photos, where freshet@7 has linear_top1 0.5000; measure it, or set trainer.release.bounds.linear_top1 to null",
        judgement.reason());
  }

  @Test
  void refusesABoundThatIsNoAccuracy() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> bounds(Optional.of(2.0), Optional.empty()));
    assertEquals(
        "trainer.release.bounds.rankme is 2.0; it is a share of the champion's: write 0 to 1, or null for no bound",
        refusal.getMessage());
  }

  /** Of k-NN 0.02, and these. */
  private static MetricBounds bounds(Optional<Double> rankme, Optional<Double> uniformity) {
    return new MetricBounds(
        Optional.of(0.02),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        rankme,
        uniformity);
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

  private Judgement judge(
      Map<String, Double> metrics, Set<String> registered, Optional<Champion> champion) {
    return gate.champion(metrics, registered, champion, Optional.empty());
  }

  private Judgement top1(Map<String, Double> top1) {
    return judge(Metrics.named(Metrics.KNN_TOP1, top1), BOTH, both());
  }

  private static Optional<Champion> both() {
    return champion(Metrics.named(Metrics.KNN_TOP1, Map.of("photos", 0.49, "drawings", 0.40)));
  }

  private static Optional<Champion> champion(Map<String, Double> metrics) {
    return Optional.of(new Champion("freshet@7", 7, metrics));
  }

  private boolean curation(Map<String, Double> top1) {
    Map<String, Double> metrics =
        Metrics.named(Metrics.CURATION_TOP1, Map.of("photos", 0.60, "drawings", 0.50));
    metrics.putAll(Metrics.named(Metrics.COMPARED_TOP1, top1));
    return gate.curation(metrics).promoted();
  }
}
