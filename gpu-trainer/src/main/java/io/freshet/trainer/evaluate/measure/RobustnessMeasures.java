package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.KnnEvaluation;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.trainer.evaluate.probe.LinearClassifier;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.EvalTransform;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The same k-NN bank and the same logistic regression, asked with pictures that are unlike those
 * they were made from.
 */
final class RobustnessMeasures {
  private static final int MAX_ASKED = 1_000;
  private static final int K = 10;
  private static final double TEMPERATURE = 0.07;

  private final EvaluatedModel model;
  private final LabelledFeatures bank;
  private final LinearClassifier classifier;
  private final List<String> classes;
  private final long seed;
  private final EvaluationProgress progress;

  /**
   * @param bank embeddings
   * @param classifier of the embeddings
   */
  RobustnessMeasures(
      EvaluatedModel model,
      LabelledFeatures bank,
      LinearClassifier classifier,
      List<String> classes,
      long seed,
      EvaluationProgress progress) {
    this.model = model;
    this.bank = bank;
    this.classifier = classifier;
    this.classes = classes;
    this.seed = seed;
    this.progress = progress;
  }

  /** Shares of right answers. */
  private record Score(double knn, double logistic) {}

  /** Asks with each corruption of the queries. */
  void corrupted(List<LabelledFile> queries, DirectoryReport report) {
    List<LabelledFile> asked = Draws.some(queries, MAX_ASKED, seed);
    double knn = 0;
    double logistic = 0;
    for (Corruption corruption : Corruption.values()) {
      Score score = ask(asked, corruption::apply, corruption.key(), report);
      knn += score.knn();
      logistic += score.logistic();
      report.add(
          Measure.share(
              "knn_top1_" + corruption.key(),
              score.knn(),
              "k-NN, k %d, of %,d queries under %s".formatted(K, asked.size(), corruption.key())));
      report.add(
          Measure.share(
              "logreg_top1_" + corruption.key(),
              score.logistic(),
              "the same by logistic regression"));
    }
    int kinds = Corruption.values().length;
    report.add(Measure.share("knn_top1_corrupted", knn / kinds, "mean of the corruptions"));
    report.add(Measure.share("logreg_top1_corrupted", logistic / kinds, "mean of the corruptions"));
  }

  /**
   * Asks with another set whose classes have the same names. When it has none of the classes, or
   * none of its images can be read, the report says so in their place: everything else has been
   * measured by then.
   */
  void shifted(List<LabelledFile> files, DirectoryReport report) {
    try {
      measureShifted(files, report);
    } catch (IllegalArgumentException e) {
      report.fact("shifted_set", "not measured: " + e.getMessage());
    }
  }

  private void measureShifted(List<LabelledFile> files, DirectoryReport report) {
    List<LabelledFile> known =
        files.stream().filter(file -> classes.contains(file.label())).toList();
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "the shifted set has none of the classes %s; its classes must have the same names"
              .formatted(classes));
    }
    List<LabelledFile> asked = Draws.some(known, MAX_ASKED, seed);
    Score score = ask(asked, image -> image, "shifted set", report);
    String meaning =
        "%,d of %,d images of the shifted set, %,d of other classes left out"
            .formatted(asked.size(), known.size(), files.size() - known.size());
    report.add(Measure.share("knn_top1_shifted", score.knn(), "k-NN, k " + K + ", " + meaning));
    report.add(
        Measure.share("logreg_top1_shifted", score.logistic(), "the same by logistic regression"));
  }

  private Score ask(
      List<LabelledFile> files,
      UnaryOperator<RgbImage> change,
      String phase,
      DirectoryReport report) {
    EvalTransform transform = model.preprocessing().transform();
    EmbeddedFiles embedded =
        EmbeddedFiles.of(
            model, files, image -> change.apply(transform.pixels(image)), phase, progress);
    report.skip(embedded.skipped());
    LabelledFeatures queries =
        new LabelledFeatures(
            embedded.part(model.embedding()).toArray(float[][]::new),
            embedded.files().stream().mapToInt(file -> classes.indexOf(file.label())).toArray());
    int[] predictions = classifier.predictions(queries.features());
    long right =
        IntStream.range(0, predictions.length)
            .filter(i -> predictions[i] == queries.label(i))
            .count();
    return new Score(
        new KnnEvaluation(K, TEMPERATURE).score(bank, queries).top1(),
        (double) right / predictions.length);
  }
}
