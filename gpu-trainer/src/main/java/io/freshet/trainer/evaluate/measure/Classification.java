package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.KnnNeighbours;
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

  /**
   * What the neighbours of queries tell.
   *
   * @param classes names, by number
   * @param classifier for people
   * @param labels class of each query
   * @param k neighbours whose vote decides
   * @param curveK neighbours whose votes are the scores of the curves: few give few distinct ones
   * @param shown queries with their nearest
   */
  static Classification ofNeighbours(
      List<String> classes,
      String classifier,
      KnnNeighbours neighbours,
      int[] labels,
      int k,
      int curveK,
      List<Neighbours> shown) {
    int[] predictions = neighbours.predictions(k);
    ConfusionMatrix confusions = new ConfusionMatrix(classes.size());
    for (int query = 0; query < labels.length; query++) {
      confusions.add(labels[query], predictions[query]);
    }
    return new Classification(
        classes,
        classifier,
        confusions,
        curves(neighbours.votes(curveK), labels, classes.size()),
        shown);
  }

  /** For each class that queries are of: its vote as the score. */
  private static SortedMap<Integer, PrecisionRecall> curves(
      float[][] votes, int[] labels, int classes) {
    SortedMap<Integer, PrecisionRecall> curves = new TreeMap<>();
    for (int label = 0; label < classes; label++) {
      float[] scores = new float[labels.length];
      boolean[] wanted = new boolean[labels.length];
      boolean any = false;
      for (int query = 0; query < labels.length; query++) {
        scores[query] = label < votes[query].length ? votes[query][label] : 0;
        wanted[query] = labels[query] == label;
        any |= wanted[query];
      }
      if (any) {
        curves.put(label, PrecisionRecall.of(scores, wanted));
      }
    }
    return curves;
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
