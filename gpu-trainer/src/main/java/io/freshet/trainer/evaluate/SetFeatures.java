package io.freshet.trainer.evaluate;

import java.util.Arrays;

/** What a model makes of an evaluation set: features of bank and queries, in the set's order. */
public record SetFeatures(EvaluationSet set, float[][] bank, float[][] queries) {
  public SetFeatures {
    if (bank.length != set.bank().size() || queries.length != set.queries().size()) {
      throw new IllegalArgumentException(
          "%s has %d + %d images, the model gave %d + %d vectors"
              .formatted(
                  set.dataset(),
                  set.bank().size(),
                  set.queries().size(),
                  bank.length,
                  queries.length));
    }
  }

  public static SetFeatures of(EvaluationSet set, FeatureSource source) {
    return new SetFeatures(set, source.features(set.bank()), source.features(set.queries()));
  }

  /** The features of {@link EvaluationSet#limited}, without computing them again. */
  public SetFeatures limited(int maxBank, int maxQueries) {
    EvaluationSet limited = set.limited(maxBank, maxQueries);
    return new SetFeatures(
        limited,
        Arrays.copyOf(bank, limited.bank().size()),
        Arrays.copyOf(queries, limited.queries().size()));
  }

  public KnnScore score(KnnEvaluation knn) {
    return knn.score(bankFeatures(), queryFeatures());
  }

  /** As {@link #score} after the mean of the bank was subtracted from every vector. */
  public KnnScore centredScore(KnnEvaluation knn) {
    float[] mean = bankFeatures().mean();
    return knn.score(bankFeatures().minus(mean), queryFeatures().minus(mean));
  }

  /** Features and classes of the bank; the arrays are these. */
  public LabelledFeatures bankFeatures() {
    return new LabelledFeatures(bank, EvaluationSet.labels(set.bank()));
  }

  /** Features and classes of the queries; the arrays are these. */
  public LabelledFeatures queryFeatures() {
    return new LabelledFeatures(queries, EvaluationSet.labels(set.queries()));
  }
}
