package io.freshet.trainer.release;

import java.util.Map;
import java.util.TreeMap;

/** Names of the numbers in a release's manifest, such as {@code knn_top1/photos}. */
public final class Metrics {
  /** k-NN accuracy of this release, 0..1. */
  public static final String KNN_TOP1 = "knn_top1/";

  /** Accuracy of a linear classifier on frozen features, trained by SGD, 0..1. */
  public static final String LINEAR_TOP1 = "linear_top1/";

  /** Accuracy of L2 logistic regression on frozen features, 0..1. */
  public static final String LOGREG_TOP1 = "logreg_top1/";

  /** Mean average precision of the retrieval of images of the query's class, 0..1. */
  public static final String RETRIEVAL_MAP = "retrieval_map/";

  /** k-NN accuracy of the network before its first step. */
  public static final String UNTRAINED_TOP1 = "untrained_knn_top1/";

  /** The same of the pixels at 16 x 16. */
  public static final String RAW_PIXELS_TOP1 = "raw_pixels_knn_top1/";

  /** The same of the pixels with the bank's mean subtracted. */
  public static final String CENTRED_PIXELS_TOP1 = "centred_pixels_knn_top1/";

  /**
   * k-NN accuracy of this release on the limited sets of the comparison with the curation model.
   */
  public static final String COMPARED_TOP1 = "compared_knn_top1/";

  /** The same of the model that curated when this release was made. */
  public static final String CURATION_TOP1 = "curation_knn_top1/";

  /**
   * RankMe of this release's bank features: their effective number of dimensions, 1 to the length
   * of a feature.
   */
  public static final String RANKME = "rankme/";

  /** Uniformity of this release's bank features, -8 to 0; lower is more even. */
  public static final String UNIFORMITY = "uniformity/";

  /**
   * What the gate held this release against: the champion's metric of the name that follows, such
   * as {@code champion/knn_top1/photos}.
   */
  public static final String CHAMPION = "champion/";

  /** The gate's bounds and its decision: {@code gate/promoted} is 1 or 0. */
  public static final String GATE = "gate/";

  private Metrics() {}

  /** The numbers whose name starts with {@code prefix}, by what follows it. */
  public static Map<String, Double> under(String prefix, Map<String, Double> metrics) {
    Map<String, Double> found = new TreeMap<>();
    metrics.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), value);
          }
        });
    return found;
  }

  /** {@code values} with {@code prefix} before each name. */
  public static Map<String, Double> named(String prefix, Map<String, Double> values) {
    Map<String, Double> named = new TreeMap<>();
    values.forEach((name, value) -> named.put(prefix + name, value));
    return named;
  }
}
