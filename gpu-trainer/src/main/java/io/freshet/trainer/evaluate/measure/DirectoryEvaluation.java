package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.directory.LabelledDirectory;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.trainer.evaluate.probe.LinearClassifier;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures a model on a directory of labelled images: nearest neighbours, linear classifiers,
 * retrieval within the classes, robustness, and what needs no labels. One thread at a time.
 */
public final class DirectoryEvaluation {
  private final TorchScriptLibrary library;
  private final EvaluatedModel model;
  private final MeasureOptions options;
  private final EvaluationProgress progress;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's, as does the model
   */
  public DirectoryEvaluation(
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
   * @throws IllegalArgumentException when too few images can be read
   */
  public void run(LabelledDirectory directory, DirectoryReport report) {
    EmbeddedFiles embedded = EmbeddedFiles.of(model, chosen(directory, report), progress);
    report.skip(embedded.skipped());
    List<String> classes = directory.classes();
    LabelledFeatures features = labelled(embedded, classes);
    Partition partition = Partition.of(embedded.files(), options.seed());
    facts(report, classes, embedded, partition);

    LabelledFeatures vectors =
        new LabelledFeatures(
            embedded.part(model.embedding()).toArray(float[][]::new), features.labels());
    new NeighbourMeasures(embedded.files(), vectors, partition).run(classes, report);
    LinearClassifier classifier =
        new ProbeMeasures(library, model, options, progress)
            .run(features, partition, classes, report);
    RobustnessMeasures robustness =
        new RobustnessMeasures(
            model, partition.bank(vectors), classifier, classes, options.seed(), progress);
    if (options.corruptions()) {
      robustness.corrupted(
          IntStream.of(partition.queries()).mapToObj(embedded.files()::get).toList(), report);
    }
    options.shifted().ifPresent(other -> robustness.shifted(other.files(), report));
    new LabelFreeMeasures(library, model, options, progress)
        .run(embedded.files(), List.of(vectors.features()), report);
  }

  private List<LabelledFile> chosen(LabelledDirectory directory, DirectoryReport report) {
    List<LabelledFile> all = directory.files();
    if (all.size() <= options.maxImages()) {
      return all;
    }
    report.fact("chosen", "%,d of %,d images, drawn".formatted(options.maxImages(), all.size()));
    return Draws.some(all, options.maxImages(), options.seed()).stream()
        .sorted(Comparator.comparing(LabelledFile::name))
        .toList();
  }

  private static LabelledFeatures labelled(EmbeddedFiles embedded, List<String> classes) {
    return new LabelledFeatures(
        embedded.features().toArray(float[][]::new),
        embedded.files().stream().mapToInt(file -> classes.indexOf(file.label())).toArray());
  }

  private void facts(
      DirectoryReport report, List<String> classes, EmbeddedFiles embedded, Partition partition) {
    report.fact("images", embedded.files().size());
    report.fact("skipped", embedded.skipped().size());
    report.fact("classes", classes.size());
    report.fact("bank", partition.bank().length);
    report.fact("queries", partition.queries().length);
    report.fact("split", partition.description(options.seed()));
  }
}
