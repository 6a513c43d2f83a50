package io.freshet.trainer.evaluate.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.EvaluationImage;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.evaluate.ProbesConfig;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.evaluate.torch.EvaluationScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SetProbesTest {
  private static final TorchScriptLibrary SCRIPTS =
      EvaluationScripts.loadFeatureProbes(TorchRuntime.start());
  private static final ProbesConfig ALL = new ProbesConfig(120, 60, 100, true, true);
  private static final int CLASSES = 3;
  private static final int DIM = 8;

  @Test
  void classesThatLieApartAreToldByEveryProbe() {
    List<SetFeatures> sets = List.of(clouds("apart", 120, 60, 0.05));
    assertEquals(Map.of("apart", 1.0), probes(ALL).logregTop1(sets));
    assertEquals(Map.of("apart", 1.0), probes(ALL).linearTop1(sets));
    assertEquals(1.0, probes(ALL).retrievalMap(sets).get("apart"), 1e-9);
  }

  @Test
  void classesThatDoNotDifferAreGuessed() {
    List<SetFeatures> sets = List.of(clouds("same", 120, 60, 1e6));
    assertTrue(probes(ALL).logregTop1(sets).get("same") < 0.6);
    assertTrue(probes(ALL).linearTop1(sets).get("same") < 0.6);
    assertTrue(probes(ALL).retrievalMap(sets).get("same") < 0.5);
  }

  @Test
  void evenFeaturesAreMoreUniformThanCrowdedOnes() {
    List<SetFeatures> sets =
        List.of(clouds("crowded", 120, 60, 0.05), clouds("even", 120, 60, 1e6));
    Map<String, Double> uniformity = probes(ALL).uniformity(sets);
    assertTrue(uniformity.get("even") < uniformity.get("crowded"), uniformity.toString());
    assertTrue(uniformity.get("even") > -8 && uniformity.get("crowded") < 0, uniformity.toString());
  }

  @Test
  void imagesBeyondTheLimitsDecideNothing() {
    SetFeatures clear = clouds("set", 120, 60, 0.05);
    SetFeatures blurred = clouds("set", 240, 120, 1e6);
    for (int i = 0; i < 120; i++) {
      blurred.bank()[i] = clear.bank()[i];
    }
    for (int i = 0; i < 60; i++) {
      blurred.queries()[i] = clear.queries()[i];
    }
    assertEquals(Map.of("set", 1.0), probes(ALL).logregTop1(List.of(blurred)));
    assertEquals(1.0, probes(ALL).retrievalMap(List.of(blurred)).get("set"), 1e-9);
  }

  @Test
  void whatIsSwitchedOffIsNotMeasured() {
    List<SetFeatures> sets = List.of(clouds("set", 12, 6, 0.05));
    SetProbes off = probes(new ProbesConfig(120, 60, 0, false, false));
    assertEquals(Map.of(), off.linearTop1(sets));
    assertEquals(Map.of(), off.logregTop1(sets));
    assertEquals(Map.of(), off.retrievalMap(sets));
  }

  @Test
  void aSetThatNothingCanBeLearnedFromHasNoNumber() {
    SetFeatures single = clouds("single", 1, 3, 0.05);
    List<SetFeatures> sets = List.of(single, clouds("set", 12, 6, 0.05));
    assertEquals(Map.of("set", 1.0), probes(ALL).logregTop1(sets));
    assertEquals(List.of("set"), List.copyOf(probes(ALL).linearTop1(sets).keySet()));
    assertEquals(List.of("set"), List.copyOf(probes(ALL).uniformity(sets).keySet()));
    // The only bank image is of class 0, as is the first query.
    assertEquals(1.0, probes(ALL).retrievalMap(sets).get("single"), 1e-9);
  }

  @Test
  void theSameFeaturesGiveTheSameNumbers() {
    List<SetFeatures> sets = List.of(clouds("set", 120, 60, 1));
    assertEquals(probes(ALL).linearTop1(sets), probes(ALL).linearTop1(sets));
    assertEquals(probes(ALL).logregTop1(sets), probes(ALL).logregTop1(sets));
  }

  @Test
  void aStopEndsTheWork() {
    List<SetFeatures> sets = List.of(clouds("set", 12, 6, 0.05));
    SetProbes stopping =
        new SetProbes(
            SCRIPTS,
            ALL,
            1,
            () -> {
              throw new IllegalStateException("stopped");
            });
    assertThrows(IllegalStateException.class, () -> stopping.logregTop1(sets));
  }

  private static SetProbes probes(ProbesConfig config) {
    return new SetProbes(SCRIPTS, config, 1, () -> {});
  }

  /** Image i is of class i mod 3, around the axis of its class. */
  private static SetFeatures clouds(String dataset, int bank, int queries, double spread) {
    RandomGenerator random = new SplittableRandom(7);
    EvaluationSet set =
        new EvaluationSet(dataset, List.of("a", "b", "c"), images(bank), images(queries));
    return new SetFeatures(set, rows(bank, spread, random), rows(queries, spread, random));
  }

  private static List<EvaluationImage> images(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new EvaluationImage(null, i % CLASSES, null, null))
        .toList();
  }

  private static float[][] rows(int count, double spread, RandomGenerator random) {
    float[][] rows = new float[count][DIM];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIM; d++) {
        rows[i][d] = (float) ((d == i % CLASSES ? 1 : 0) + spread * random.nextGaussian());
      }
    }
    return rows;
  }
}
