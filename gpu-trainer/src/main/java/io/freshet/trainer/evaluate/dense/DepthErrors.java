package io.freshet.trainer.evaluate.dense;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far predicted depths are from measured ones (Eigen et al., arXiv 1406.2283), of the pixels
 * whose depth counts.
 *
 * @param delta1 share of pixels with max(p/d, d/p) below 1.25
 * @param delta2 the same below 1.25 squared
 * @param delta3 the same below 1.25 cubed
 * @param absRel mean of |p - d| / d
 * @param sqRel mean of (p - d)^2 / d
 * @param rmse root of the mean squared error, in the unit of the maps
 * @param rmseLog the same of natural logarithms
 * @param log10 mean absolute error of decimal logarithms
 * @param silog 100 times the standard deviation of the error of logarithms
 */
public record DepthErrors(
    double delta1,
    double delta2,
    double delta3,
    double absRel,
    double sqRel,
    double rmse,
    double rmseLog,
    double log10,
    double silog) {
  private static final double THRESHOLD = 1.25;

  /** Of one image; empty when no pixel counts. Both arrays hold the pixels in the same order. */
  public static Optional<DepthErrors> of(double[] predicted, double[] measured, DepthRange range) {
    if (predicted.length != measured.length) {
      throw new IllegalArgumentException(
          "%d predicted depths, but %d measured".formatted(predicted.length, measured.length));
    }
    Sums sums = new Sums();
    for (int i = 0; i < measured.length; i++) {
      if (range.holds(measured[i])) {
        sums.add(range.clamp(predicted[i]), measured[i]);
      }
    }
    return sums.count == 0 ? Optional.empty() : Optional.of(sums.errors());
  }

  /** The mean over images, each counting the same. */
  public static DepthErrors mean(List<DepthErrors> images) {
    if (images.isEmpty()) {
      throw new IllegalArgumentException("no image has a measured depth; there is no mean");
    }
    Map<String, Double> sums = new TreeMap<>();
    images.forEach(image -> image.byName().forEach((name, v) -> sums.merge(name, v, Double::sum)));
    sums.replaceAll((name, sum) -> sum / images.size());
    return new DepthErrors(
        sums.get("delta1"),
        sums.get("delta2"),
        sums.get("delta3"),
        sums.get("abs_rel"),
        sums.get("sq_rel"),
        sums.get("rmse"),
        sums.get("rmse_log"),
        sums.get("log10"),
        sums.get("silog"));
  }

  /** The numbers under the names that the field gives them. */
  public Map<String, Double> byName() {
    Map<String, Double> named = new TreeMap<>();
    named.put("delta1", delta1);
    named.put("delta2", delta2);
    named.put("delta3", delta3);
    named.put("abs_rel", absRel);
    named.put("sq_rel", sqRel);
    named.put("rmse", rmse);
    named.put("rmse_log", rmseLog);
    named.put("log10", log10);
    named.put("silog", silog);
    return named;
  }

  /** Of the pixels so far. */
  private static final class Sums {
    private int count;
    private final int[] within = new int[3];
    private double absRel;
    private double sqRel;
    private double squares;
    private double logs;
    private double logSquares;
    private double log10;

    void add(double p, double d) {
      count++;
      double ratio = Math.max(p / d, d / p);
      double bound = 1;
      for (int i = 0; i < within.length; i++) {
        bound *= THRESHOLD;
        within[i] += ratio < bound ? 1 : 0;
      }
      double error = p - d;
      double log = Math.log(p) - Math.log(d);
      absRel += Math.abs(error) / d;
      sqRel += error * error / d;
      squares += error * error;
      logs += log;
      logSquares += log * log;
      log10 += Math.abs(Math.log10(p) - Math.log10(d));
    }

    DepthErrors errors() {
      double n = count;
      double variance = Math.max(0, logSquares / n - logs / n * (logs / n));
      return new DepthErrors(
          within[0] / n,
          within[1] / n,
          within[2] / n,
          absRel / n,
          sqRel / n,
          Math.sqrt(squares / n),
          Math.sqrt(logSquares / n),
          log10 / n,
          100 * Math.sqrt(variance));
    }
  }
}
