package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import java.util.List;

/**
 * What pictures of a classification are drawn from.
 *
 * @param classes names, by number
 * @param classifier whose confusions these are
 * @param confusions of the queries
 * @param queries the first few, each with its nearest neighbours
 */
public record Classification(
    List<String> classes, String classifier, ConfusionMatrix confusions, List<Neighbours> queries) {
  public Classification {
    classes = List.copyOf(classes);
    queries = List.copyOf(queries);
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
