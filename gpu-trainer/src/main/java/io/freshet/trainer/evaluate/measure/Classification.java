package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.PrecisionRecall;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What pictures of a classification are drawn from.
 *
 * @param classes names, by number
 * @param classifier whose confusions these are
 * @param confusions of the queries
 * @param curves by class, for those that queries are of: how well the classifier's score finds them
 * @param queries the first few, each with its nearest neighbours
 */
public record Classification(
    List<String> classes,
    String classifier,
    ConfusionMatrix confusions,
    SortedMap<Integer, PrecisionRecall> curves,
    List<Neighbours> queries) {
  public Classification {
    classes = List.copyOf(classes);
    curves = Collections.unmodifiableSortedMap(new TreeMap<>(curves));
    queries = List.copyOf(queries);
  }

  /** Area under precision over recall, mean of the classes that queries are of; 0..1. */
  public double meanAveragePrecision() {
    return curves.values().stream()
        .mapToDouble(PrecisionRecall::averagePrecision)
        .average()
        .orElse(0);
  }

  /**
   * A query and the bank images that are nearest to it.
   *
   * @param nearest nearest first
   */
  public record Neighbours(LabelledFile query, List<LabelledFile> nearest) {
    public Neighbours {
      nearest = List.copyOf(nearest);
    }
  }
}
