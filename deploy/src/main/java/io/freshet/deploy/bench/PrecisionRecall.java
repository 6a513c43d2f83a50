package io.freshet.deploy.bench;

import io.freshet.deploy.bench.CopyScores.Pair;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Precision and recall of verdicts over pairs of which some are copies.
 *
 * @param pairs all that were judged, with at least one copy among them
 */
record PrecisionRecall(List<Pair> pairs) {
  /** Thresholds tried for a recall at a precision. */
  private static final double[] FINE =
      IntStream.range(100, 500).mapToDouble(step -> step / 500.0).toArray();

  PrecisionRecall {
    if (pairs.stream().noneMatch(Pair::isCopy)) {
      throw new IllegalArgumentException(
          "none of %,d pairs are copies, so nothing can be recalled".formatted(pairs.size()));
    }
  }

  /**
   * Of the pairs that were called copies and of those that are. Where none was called one, no call
   * was wrong, and precision is 1.
   */
  Map<String, Object> of(Predicate<Pair> verdict) {
    return of(pairs, verdict);
  }

  /**
   * Originals among each other count in the whole alone: every match of theirs is a mistake. A
   * transform of which no pair is a copy has no recall.
   */
  Map<String, Object> byTransform(Predicate<Pair> verdict) {
    Map<String, Object> figures = new LinkedHashMap<>();
    Set<String> transforms = new TreeSet<>(pairs.stream().map(Pair::transform).toList());
    transforms.remove(CopySet.ORIGINAL);
    for (String transform : transforms) {
      List<Pair> some = pairs.stream().filter(p -> p.transform().equals(transform)).toList();
      figures.put(transform, of(some, verdict));
    }
    return figures;
  }

  private static Map<String, Object> of(List<Pair> pairs, Predicate<Pair> verdict) {
    long copies = pairs.stream().filter(Pair::isCopy).count();
    long called = pairs.stream().filter(verdict).count();
    long right = pairs.stream().filter(verdict.and(Pair::isCopy)).count();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("precision", called == 0 ? 1.0 : (double) right / called);
    if (copies > 0) {
      figures.put("recall", (double) right / copies);
    }
    figures.put("wrong_pairs", called - right);
    return figures;
  }

  /**
   * @param name of the bounds
   * @param verdict of a bound
   */
  Map<String, Object> curve(String name, double[] bounds, DoubleFunction<Predicate<Pair>> verdict) {
    List<Map<String, Object>> points =
        Arrays.stream(bounds).mapToObj(bound -> of(verdict.apply(bound))).toList();
    Map<String, Object> curve = new LinkedHashMap<>();
    curve.put(name, bounds);
    for (String axis : List.of("precision", "recall")) {
      curve.put(axis, points.stream().mapToDouble(point -> (double) point.get(axis)).toArray());
    }
    return curve;
  }

  /** The threshold with the largest recall of those with at least this precision. */
  Map<String, Object> atPrecision(double precision, DoubleFunction<Predicate<Pair>> verdict) {
    Map<String, Object> best = Map.of("threshold", 1.0, "recall", 0.0);
    for (double threshold : FINE) {
      Map<String, Object> figures = of(verdict.apply(threshold));
      if ((double) figures.get("precision") >= precision
          && (double) figures.get("recall") > (double) best.get("recall")) {
        best = new LinkedHashMap<>();
        best.put("threshold", threshold);
        best.put("recall", figures.get("recall"));
      }
    }
    return best;
  }

  /** The lowest cosine above which at least this share of the pairs are copies. */
  double cosineAtPrecision(double precision) {
    List<Pair> nearest =
        pairs.stream().sorted(Comparator.comparing(Pair::cosine).reversed()).toList();
    double threshold = 1;
    int right = 0;
    for (int called = 1; called <= nearest.size(); called++) {
      Pair pair = nearest.get(called - 1);
      right += pair.isCopy() ? 1 : 0;
      if (right >= precision * called) {
        threshold = pair.cosine();
      }
    }
    return threshold;
  }
}
