package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.trainer.evaluate.probe.FeatureRange;
import io.freshet.trainer.evaluate.probe.LinearClassifier;
import io.freshet.trainer.evaluate.probe.LinearSweep;
import io.freshet.trainer.evaluate.probe.LogisticSweep;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.List;

/** What linear classifiers make of frozen features. */
final class ProbeMeasures {
  private final TorchScriptLibrary library;
  private final EvaluatedModel model;
  private final MeasureOptions options;
  private final EvaluationProgress progress;

  ProbeMeasures(
      TorchScriptLibrary library,
      EvaluatedModel model,
      MeasureOptions options,
      EvaluationProgress progress) {
    this.library = library;
    this.model = model;
    this.options = options;
    this.progress = progress;
  }

  /**
   * @param features all that the model gives of each file
   * @return the logistic regression, on the model's embedding
   */
  LinearClassifier run(
      LabelledFeatures features,
      Partition partition,
      List<String> classes,
      DirectoryReport report) {
    LabelledFeatures bank = partition.bank(features);
    LabelledFeatures queries = partition.queries(features);
    linear(bank, queries, classes.size(), report);
    return logistic(bank, queries, classes.size(), report);
  }

  private void linear(
      LabelledFeatures bank, LabelledFeatures queries, int classes, DirectoryReport report) {
    LinearSweep.Outcome outcome =
        new LinearSweep(library, options.linear(), options.seed(), progress)
            .run(bank, queries, classes, model.probeInputs());
    ConfusionMatrix confusions = confusions(queries.labels(), outcome.predictions(), classes);
    report.add(
        Measure.share(
            "linear_top1",
            confusions.accuracy(),
            "linear probe on %s, rate %s, %,d steps"
                .formatted(outcome.input().name(), outcome.rate(), options.linear().steps())));
    report.add(
        Measure.share(
            "linear_mean_class_accuracy", confusions.meanAccuracy(), "the same, each class alike"));
  }

  private LinearClassifier logistic(
      LabelledFeatures bank, LabelledFeatures queries, int classes, DirectoryReport report) {
    FeatureRange range = model.embedding();
    LogisticSweep.Outcome outcome =
        new LogisticSweep(library, options.seed(), progress).run(part(bank, range), classes);
    int[] predictions = outcome.classifier().predictions(part(queries, range).features());
    ConfusionMatrix confusions = confusions(queries.labels(), predictions, classes);
    report.add(
        Measure.share(
            "logreg_top1",
            confusions.accuracy(),
            "logistic regression on %s, C %.3g".formatted(range.name(), outcome.c())));
    report.add(
        Measure.share(
            "logreg_mean_class_accuracy", confusions.meanAccuracy(), "the same, each class alike"));
    return outcome.classifier();
  }

  private static LabelledFeatures part(LabelledFeatures all, FeatureRange range) {
    return new LabelledFeatures(
        Arrays.stream(all.features())
            .map(v -> Arrays.copyOfRange(v, range.from(), range.from() + range.length()))
            .toArray(float[][]::new),
        all.labels());
  }

  private static ConfusionMatrix confusions(int[] labels, int[] predictions, int classes) {
    ConfusionMatrix confusions = new ConfusionMatrix(classes);
    for (int i = 0; i < labels.length; i++) {
      confusions.add(labels[i], predictions[i]);
    }
    return confusions;
  }
}
