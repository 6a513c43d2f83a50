package io.freshet.trainer.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.EvalTransform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CollapseWatchTest {
  private static final int IMAGES = 8;
  private static final ProbeReading HEALTHY = reading(0.8, 6, 0.1, 1.9, 8);
  private static final EvalTransform TRANSFORM = EvalTransform.imageNet(4, 4);

  private final CollapseWatch watch = watch(WatchState.initial());

  @Test
  void raisesAnAlarmForEachWayToCollapseOnceTwoReadingsInARowShowIt() {
    Map<String, ProbeReading> collapsed =
        Map.of(
            "embedding_std", reading(0.05, 6, 0.1, 1.9, 8),
            "rankme", reading(0.8, 2, 0.1, 1.9, 8),
            "cls_patch_cosine", reading(0.8, 6, 0.99, 1.9, 8),
            "target_diversity", reading(0.8, 6, 0.1, 0.5, 8));
    collapsed.forEach(
        (measure, bad) -> {
          CollapseWatch each = watch(WatchState.initial());
          each.read(20, HEALTHY);
          each.read(40, bad);
          assertEquals(Optional.empty(), each.alarm(), measure);
          assertEquals(1.0, each.read(60, bad).get("alarms"), measure);
          String alarm = each.alarm().orElseThrow();
          assertTrue(alarm.contains("step 60") && alarm.contains(measure), alarm);
        });
  }

  @Test
  void countsAPrototypeAsDeadWhenNoImageWasNearestToItInFiveReadings() {
    watch.read(1, HEALTHY);
    for (int i = 2; i <= 5; i++) {
      assertEquals(0, watch.read(i, reading(0.8, 6, 0.1, 1.9, 1)).get("dead_prototypes"));
    }
    assertEquals(
        1 - 1.0 / IMAGES, watch.read(6, reading(0.8, 6, 0.1, 1.9, 1)).get("dead_prototypes"));
  }

  @Test
  void oneBadReadingIsNoAlarm() {
    for (int i = 1; i <= 20; i++) {
      watch.read(i, i % 2 == 0 ? HEALTHY : reading(0.05, 1, 1, 0, 8));
      assertEquals(Optional.empty(), watch.alarm());
    }
  }

  @Test
  void anAlarmStandsUntilFiveReadingsInARowAreClearlyGood() {
    ProbeReading bad = reading(0.05, 6, 0.1, 1.9, 8);
    ProbeReading between = reading(0.15, 6, 0.1, 1.9, 8);
    List.of(HEALTHY, bad, bad).forEach(reading -> watch.read(1, reading));
    for (int i = 0; i < 4; i++) {
      watch.read(2, HEALTHY);
    }
    watch.read(3, between);
    for (int i = 0; i < 4; i++) {
      watch.read(4, HEALTHY);
      assertTrue(watch.alarm().isPresent());
    }
    watch.read(5, HEALTHY);
    assertEquals(Optional.empty(), watch.alarm());
  }

  @Test
  void aNetworkThatNeverToldImagesApartHasNothingToLose() {
    for (int i = 0; i < 50; i++) {
      watch.stepped(targets(0.01, 0), 16);
      watch.read(i, reading(0.01, 1, 0.999, 0.001, 1));
    }
    assertEquals(Optional.empty(), watch.alarm());
  }

  @Test
  void seesInTheTrainingTargetsThatImagesMakeNoDifference() {
    for (int i = 0; i < 100; i++) {
      watch.stepped(targets(1, 0), 16);
    }
    watch.read(100, HEALTHY);
    for (int i = 0; i < 60; i++) {
      watch.stepped(targets(0.001, 16), 16);
    }
    watch.read(160, HEALTHY);
    watch.read(180, HEALTHY);
    String alarm = watch.alarm().orElseThrow();
    assertTrue(alarm.contains("target_information"), alarm);
    assertTrue(alarm.contains("coincident_share"), alarm);
  }

  @Test
  void targetsThatAlwaysSaidLittleAreNoCollapse() {
    for (int i = 0; i < 100; i++) {
      watch.stepped(targets(0.01, 0), 16);
      watch.read(i, HEALTHY);
    }
    assertEquals(Optional.empty(), watch.alarm());
  }

  @Test
  void remembersOverARestartWhatWasReachedAndWhatStands() {
    watch.read(1, HEALTHY);
    CollapseWatch second = watch(WatchState.parse(watch.state().text()));
    second.read(2, reading(0.8, 2, 0.1, 1.9, 8));
    second.read(3, reading(0.8, 2, 0.1, 1.9, 8));
    assertTrue(second.alarm().orElseThrow().contains("rankme"));
    CollapseWatch third = watch(WatchState.parse(second.state().text()));
    assertEquals(second.alarm(), third.alarm());
  }

  @Test
  void refusesAStateThatIsNoneOfAWatch() {
    assertThrows(IllegalArgumentException.class, () -> WatchState.parse("{\"probe\":[]}"));
    assertThrows(IllegalArgumentException.class, () -> WatchState.parse("{"));
  }

  @Test
  void aProbeTakesItsImagesFromAllSetsInTurn() {
    List<BlobRef> few = refs(100, 2);
    List<BlobRef> many = refs(0, 50);
    List<BlobRef> chosen = Probe.choose(List.of(few, many), 6);
    assertEquals(6, chosen.size());
    assertTrue(chosen.containsAll(few));
    assertFalse(chosen.contains(many.get(4)));
  }

  @Test
  void aProbeWithAnImageThatIsLostIsNone() {
    assertEquals(
        Optional.empty(),
        Probe.of(
            refs(0, 3),
            ref -> ref.getOffset() == 2 ? Optional.empty() : Optional.of(image()),
            TRANSFORM));
  }

  private static CollapseWatch watch(WatchState state) {
    Probe probe = Probe.of(refs(0, IMAGES), ref -> Optional.of(image()), TRANSFORM).orElseThrow();
    return new CollapseWatch(new WatchConfig(20, IMAGES), probe, state);
  }

  private static RgbImage image() {
    return new RgbImage(4, 4, new byte[48]);
  }

  private static List<BlobRef> refs(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> new BlobRef("seeds", (long) i, 1, new Sha256(new byte[32])))
        .toList();
  }

  private static Map<String, Double> targets(double information, double coincidences) {
    return Map.of(
        "target_entropy",
        1.0,
        "mean_target_entropy",
        1 + information,
        "koleo_coincidences",
        coincidences);
  }

  /** A reading whose images are nearest to {@code prototypes} different prototypes. */
  private static ProbeReading reading(
      double std, double rankMe, double cosine, double meanTargetEntropy, int prototypes) {
    return new ProbeReading(
        std,
        rankMe,
        cosine,
        0,
        meanTargetEntropy,
        IntStream.range(0, IMAGES).map(i -> i % prototypes).boxed().toList(),
        64);
  }
}
