package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.dedup.similarity.CopyBound;
import io.freshet.deploy.bench.CopyScores.Pair;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrecisionRecallTest {
  private final PrecisionRecall told =
      new PrecisionRecall(
          List.of(
              pair("blur", true, 0.9, 0),
              pair("blur", false, 0.85, 0.3),
              pair("crop", true, 0.8, 0),
              pair("crop", true, 0.4, 0),
              pair(CopySet.ORIGINAL, false, 0.3, 0)));

  @Test
  void countsWhatWasCalledAndWhatIs() {
    Map<String, Object> figures = told.of(pair -> pair.cosine() > 0.7);
    assertEquals(2.0 / 3, figures.get("precision"));
    assertEquals(2.0 / 3, figures.get("recall"));
    assertEquals(1L, figures.get("wrong_pairs"));
  }

  @Test
  void originalsAreOfNoTransform() {
    Map<String, Object> figures = told.byTransform(pair -> pair.cosine() > 0.7);
    assertEquals(List.of("blur", "crop"), List.copyOf(figures.keySet()));
    assertEquals(Map.of("precision", 1.0, "recall", 0.5, "wrong_pairs", 0L), figures.get("crop"));
  }

  @Test
  void whatHasNoCopiesHasNoRecall() {
    PrecisionRecall odd =
        new PrecisionRecall(List.of(pair("blur", true, 0.9, 0), pair("crop", false, 0.9, 0)));
    assertEquals(
        Map.of("precision", 0.0, "wrong_pairs", 1L),
        odd.byTransform(pair -> pair.cosine() > 0.7).get("crop"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new PrecisionRecall(List.of(pair("crop", false, 0.9, 0))));
  }

  @Test
  void theRecallAtAPrecisionIsTheLargestOfAllThresholds() {
    assertEquals(
        1.0 / 3, told.atPrecision(0.9, bound -> pair -> pair.cosine() > bound).get("recall"));
    assertEquals(1.0, told.atPrecision(0.75, bound -> pair -> pair.cosine() > bound).get("recall"));
    assertEquals(
        2.0 / 3,
        told.atPrecision(0.9, bound -> pair -> pair.exceeds(new CopyBound(bound, 1))).get("recall"),
        "what is near to much is no copy");
  }

  @Test
  void aCurveHasAPointABound() {
    Map<String, Object> curve =
        told.curve("cosine", new double[] {0.35, 0.87}, bound -> pair -> pair.cosine() > bound);
    assertArrayEquals(new double[] {0.75, 1}, (double[]) curve.get("precision"));
    assertArrayEquals(new double[] {1, 1.0 / 3}, (double[]) curve.get("recall"), 1e-9);
  }

  private static Pair pair(String transform, boolean isCopy, double cosine, double excess) {
    return new Pair(transform, isCopy, false, 256, cosine, copies -> excess);
  }
}
