package io.freshet.trainer.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Precision over recall as the threshold of a score falls.
 *
 * @param points one for each distinct score, the highest first; recall never falls
 * @param averagePrecision sum of the precisions, each weighted by the recall that it adds (Zhu
 *     2004); 0..1
 */
public record PrecisionRecall(List<Point> points, double averagePrecision) {
  /**
   * What a threshold achieves.
   *
   * @param recall share of what is wanted that scores as high, 0..1
   * @param precision share of what scores as high that is wanted, 0..1
   */
  public record Point(double recall, double precision) {}

  public PrecisionRecall {
    points = List.copyOf(points);
  }

  /**
   * @param scores of each item
   * @param wanted whether each is one; at least one is
   */
  public static PrecisionRecall of(float[] scores, boolean[] wanted) {
    int all = (int) IntStream.range(0, wanted.length).filter(i -> wanted[i]).count();
    if (all == 0 || scores.length != wanted.length) {
      throw new IllegalArgumentException(
          "%d scores of %d items, of which %d are wanted; as many scores as items and at least one wanted are needed"
              .formatted(scores.length, wanted.length, all));
    }
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -scores[i]));
    List<Point> points = new ArrayList<>();
    double average = 0;
    int found = 0;
    int before = 0;
    for (int i = 0; i < order.length; i++) {
      found += wanted[order[i]] ? 1 : 0;
      // Items of equal score come together.
      if (i == order.length - 1 || scores[order[i + 1]] != scores[order[i]]) {
        double precision = (double) found / (i + 1);
        average += precision * (found - before) / all;
        points.add(new Point((double) found / all, precision));
        before = found;
      }
    }
    return new PrecisionRecall(points, average);
  }
}
