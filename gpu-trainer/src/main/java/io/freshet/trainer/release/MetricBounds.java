package io.freshet.trainer.release;

import io.freshet.trainer.release.MetricBound.Better;
import io.freshet.trainer.release.MetricBound.Scale;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Section {@code trainer.release.bounds}: how much worse than the champion a release may be on any
 * one EVALUATION set to become champion all the same. A metric without a bound decides nothing.
 *
 * @param knnTop1 accuracy, 0 to 1
 * @param linearTop1 accuracy, 0 to 1
 * @param logregTop1 accuracy, 0 to 1
 * @param retrievalMap mean average precision, 0 to 1
 * @param rankme share of the champion's that may be missing, 0 to 1
 * @param uniformity how much higher it may be, 0 to 8
 */
public record MetricBounds(
    Optional<Double> knnTop1,
    Optional<Double> linearTop1,
    Optional<Double> logregTop1,
    Optional<Double> retrievalMap,
    Optional<Double> rankme,
    Optional<Double> uniformity)
    implements Serializable {
  public MetricBounds {
    require("knn_top1", knnTop1, 1, "it is an accuracy");
    require("linear_top1", linearTop1, 1, "it is an accuracy");
    require("logreg_top1", logregTop1, 1, "it is an accuracy");
    require("retrieval_map", retrievalMap, 1, "it is a mean average precision");
    require("rankme", rankme, 1, "it is a share of the champion's");
    require("uniformity", uniformity, 8, "uniformity is -8 to 0");
  }

  private static void require(String key, Optional<Double> bound, double most, String unit) {
    if (bound.isPresent() && !(bound.get() >= 0 && bound.get() <= most)) {
      throw new IllegalArgumentException(
          "trainer.release.bounds.%s is %s; %s: write 0 to %s, or null for no bound"
              .formatted(key, bound.get(), unit, Math.round(most)));
    }
  }

  /** Those that are set. */
  List<MetricBound> all() {
    List<MetricBound> all = new ArrayList<>();
    add(all, Metrics.KNN_TOP1, Better.HIGHER, Scale.ABSOLUTE, knnTop1);
    add(all, Metrics.LINEAR_TOP1, Better.HIGHER, Scale.ABSOLUTE, linearTop1);
    add(all, Metrics.LOGREG_TOP1, Better.HIGHER, Scale.ABSOLUTE, logregTop1);
    add(all, Metrics.RETRIEVAL_MAP, Better.HIGHER, Scale.ABSOLUTE, retrievalMap);
    add(all, Metrics.UNIFORMITY, Better.LOWER, Scale.ABSOLUTE, uniformity);
    add(all, Metrics.RANKME, Better.HIGHER, Scale.SHARE_OF_CHAMPION, rankme);
    return List.copyOf(all);
  }

  private static void add(
      List<MetricBound> all,
      String prefix,
      Better better,
      Scale scale,
      Optional<Double> tolerated) {
    tolerated.ifPresent(most -> all.add(new MetricBound(prefix, better, scale, most)));
  }
}
