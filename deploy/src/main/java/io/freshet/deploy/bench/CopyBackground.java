package io.freshet.deploy.bench;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The background that scores of pairs are normalised by: for each pair all originals but those of
 * its own groups, so that it holds neither of the two nor a copy of one.
 *
 * <p>Not thread-safe.
 */
final class CopyBackground {
  private final int nearest;
  private final List<Neighbours> originals;
  private final Map<Double, Double> usual = new HashMap<>();

  /**
   * A picture among the originals.
   *
   * @param cosines with the originals of other groups, the largest first
   * @param groups of those, in the same order
   */
  record Neighbours(String group, double[] cosines, String[] groups) {
    /** Mean of the largest cosines up to {@code copies}; NaN where there is none. */
    private double mean(String without, double copies, int nearest) {
      double sum = 0;
      int counted = 0;
      for (int i = firstUpTo(copies); i < cosines.length && counted < nearest; i++) {
        if (!groups[i].equals(without)) {
          sum += cosines[i];
          counted++;
        }
      }
      return sum / counted;
    }

    private int firstUpTo(double copies) {
      int low = 0;
      int high = cosines.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (cosines[middle] > copies) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /**
   * @param nearest cosines with the background that are averaged
   * @param originals all of them
   */
  CopyBackground(int nearest, List<Neighbours> originals) {
    this.nearest = nearest;
    this.originals = originals;
  }

  static Neighbours neighbours(String group, List<String> groups, double[] cosines) {
    int[] order =
        IntStream.range(0, cosines.length)
            .filter(i -> !groups.get(i).equals(group))
            .boxed()
            .sorted(Comparator.comparing(i -> -cosines[i]))
            .mapToInt(i -> i)
            .toArray();
    return new Neighbours(
        group,
        Arrays.stream(order).mapToDouble(i -> cosines[i]).toArray(),
        Arrays.stream(order).mapToObj(groups::get).toArray(String[]::new));
  }

  /**
   * How much nearer to the background than originals usually are the two of a pair are, in the
   * mean.
   *
   * @param copies cosine above which an original is taken for a copy and not counted
   */
  double excess(Neighbours a, Neighbours b, double copies) {
    double common = usual.computeIfAbsent(copies, this::usual);
    return (excess(a, b.group(), copies, common) + excess(b, a.group(), copies, common)) / 2;
  }

  private double excess(Neighbours of, String without, double copies, double common) {
    double above = of.mean(without, copies, nearest) - common;
    return Double.isNaN(above) ? 0 : above;
  }

  private double usual(double copies) {
    return originals.stream()
        .mapToDouble(original -> original.mean(original.group(), copies, nearest))
        .filter(mean -> !Double.isNaN(mean))
        .average()
        .orElse(Double.NaN);
  }
}
