package io.freshet.trainer.evaluate;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A labelled data set that measures models: queries are classified by their neighbours in the bank.
 * Both are in a random order that is the same on every start, so that the first n are a fixed
 * random choice.
 *
 * @param dataset its name
 * @param classes names of the classes, by label number
 */
public record EvaluationSet(
    String dataset,
    List<String> classes,
    List<EvaluationImage> bank,
    List<EvaluationImage> queries) {
  public EvaluationSet {
    classes = List.copyOf(classes);
    bank = List.copyOf(bank);
    queries = List.copyOf(queries);
    if (bank.isEmpty() || queries.isEmpty()) {
      throw new IllegalArgumentException(
          "evaluation set %s has %d bank images and %d queries; it needs both"
              .formatted(dataset, bank.size(), queries.size()));
    }
  }

  /** The same set, limited to its first images. */
  public EvaluationSet limited(int maxBank, int maxQueries) {
    return new EvaluationSet(
        dataset,
        classes,
        bank.subList(0, Math.min(maxBank, bank.size())),
        queries.subList(0, Math.min(maxQueries, queries.size())));
  }

  static int[] labels(List<EvaluationImage> images) {
    return images.stream().mapToInt(EvaluationImage::label).toArray();
  }

  /** At most {@code limit} elements in the fixed random order of {@code seed}. */
  static <T> List<T> choose(List<T> ordered, int limit, long seed) {
    List<T> shuffled = new ArrayList<>(ordered);
    Collections.shuffle(shuffled, new Random(StepRandom.seed(seed, Purpose.EVALUATION, 0, 0)));
    return List.copyOf(shuffled.subList(0, Math.min(limit, shuffled.size())));
  }
}
