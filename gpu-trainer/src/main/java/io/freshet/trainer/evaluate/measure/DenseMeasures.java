package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseDirectory;
import io.freshet.trainer.evaluate.dense.DenseDirectory.DenseFile;
import io.freshet.trainer.evaluate.dense.DenseDirectory.Kind;
import io.freshet.trainer.evaluate.dense.DenseSample;
import io.freshet.trainer.evaluate.dense.DenseSamples;
import io.freshet.trainer.evaluate.dense.DepthErrors;
import io.freshet.trainer.evaluate.dense.DepthProbe;
import io.freshet.trainer.evaluate.dense.DepthRange;
import io.freshet.trainer.evaluate.dense.HeadTraining;
import io.freshet.trainer.evaluate.dense.SegmentationProbe;
import io.freshet.trainer.evaluate.directory.Split;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Linear segmentation and linear depth on the patch tokens of a vision transformer. Images are cut
 * as the model's preprocessing says, and scored on that square. One thread at a time.
 */
public final class DenseMeasures {
  private static final int QUERY_SHARE = 5;
  private static final double MILLIMETRES = 1000;
  private static final int BACKGROUND_ONLY = 1;

  private final TorchScriptLibrary library;
  private final BackboneModel model;
  private final HeadTraining training;
  private final MeasureOptions options;
  private final EvaluationProgress progress;

  public DenseMeasures(
      TorchScriptLibrary library,
      BackboneModel model,
      HeadTraining training,
      MeasureOptions options,
      EvaluationProgress progress) {
    this.library = library;
    this.model = model;
    this.training = training;
    this.options = options;
    this.progress = progress;
  }

  /** What is learned from and what is asked. */
  private record Parts(List<DenseSample> bank, List<DenseSample> queries) {}

  /**
   * @param root has maps of the kind
   * @throws IllegalArgumentException when too few images can be used
   */
  public void run(Path root, Kind kind, DirectoryReport report) {
    Parts parts = parts(DenseDirectory.read(root, kind), kind, report);
    switch (kind) {
      case MASKS -> segmentation(parts, report);
      case DEPTH -> depth(parts, report);
    }
  }

  private Parts parts(DenseDirectory directory, Kind kind, DirectoryReport report) {
    DenseSamples samples = new DenseSamples(model, progress);
    List<DenseFile> files = directory.files();
    boolean given = files.stream().allMatch(file -> file.split().isPresent());
    List<DenseFile> order = new ArrayList<>(files);
    Collections.shuffle(
        order, new Random(StepRandom.seed(options.seed(), Purpose.EVALUATION, 10, 0)));
    int asked = Math.max(1, files.size() / QUERY_SHARE);
    List<DenseFile> queries = given ? of(files, Split.QUERY) : List.copyOf(order.subList(0, asked));
    List<DenseFile> bank =
        given ? of(files, Split.BANK) : List.copyOf(order.subList(asked, order.size()));
    String name = kind == Kind.MASKS ? "segmentation" : "depth";
    Parts parts =
        new Parts(samples.of(bank, name + ": learned from"), samples.of(queries, name + ": asked"));
    report.skip(samples.skipped());
    if (parts.bank().isEmpty() || parts.queries().isEmpty()) {
      throw new IllegalArgumentException(
          "%d images with %s can be learned from and %d asked; at least 1 of each is needed"
              .formatted(parts.bank().size(), name, parts.queries().size()));
    }
    report.fact(
        name + "_split",
        "%,d learned from, %,d asked, %s"
            .formatted(
                parts.bank().size(),
                parts.queries().size(),
                given ? "as the directory tells it" : "drawn with seed " + options.seed()));
    return parts;
  }

  private static List<DenseFile> of(List<DenseFile> files, Split split) {
    return files.stream().filter(file -> file.split().equals(Optional.of(split))).toList();
  }

  private void segmentation(Parts parts, DirectoryReport report) {
    int classes = classes(parts);
    int dim = parts.bank().get(0).tokens().dim();
    ConfusionMatrix confusions = new ConfusionMatrix(classes);
    int side = model.preprocessing().imageSize();
    try (SegmentationProbe head = new SegmentationProbe(library, classes, dim, options.seed())) {
      head.train(training, parts.bank(), options.seed(), progress);
      for (DenseSample query : parts.queries()) {
        add(confusions, query.map(), head.shares(query.tokens(), side));
      }
    }
    String how = "linear head on patch tokens, %,d steps".formatted(training.steps());
    report.add(
        Measure.share(
            "miou", confusions.meanIou(), "mean IoU of %d classes, %s".formatted(classes, how)));
    report.add(Measure.share("segmentation_mean_class_accuracy", confusions.meanAccuracy(), how));
    report.add(Measure.share("segmentation_pixel_accuracy", confusions.accuracy(), how));
  }

  private static int classes(Parts parts) {
    int highest =
        IntStream.concat(
                parts.bank().stream().flatMapToInt(sample -> Arrays.stream(sample.map())),
                parts.queries().stream().flatMapToInt(sample -> Arrays.stream(sample.map())))
            .filter(value -> value != SegmentationProbe.IGNORED)
            .max()
            .orElse(0);
    if (highest + 1 <= BACKGROUND_ONLY || highest > SegmentationProbe.IGNORED) {
      throw new IllegalArgumentException(
          "the masks' highest class number is %d; it must be 1 to 254, and 255 for what doesn't count"
              .formatted(highest));
    }
    return highest + 1;
  }

  private static void add(ConfusionMatrix confusions, int[] mask, float[] shares) {
    for (int pixel = 0; pixel < mask.length; pixel++) {
      if (mask[pixel] != SegmentationProbe.IGNORED) {
        int best = 0;
        for (int k = 1; k < confusions.classes(); k++) {
          best = shares[k * mask.length + pixel] > shares[best * mask.length + pixel] ? k : best;
        }
        confusions.add(mask[pixel], best);
      }
    }
  }

  private void depth(Parts parts, DirectoryReport report) {
    int dim = parts.bank().get(0).tokens().dim();
    int side = model.preprocessing().imageSize();
    List<DepthErrors> errors = new ArrayList<>();
    try (DepthProbe head =
        new DepthProbe(library, dim, DepthRange.INDOORS, MILLIMETRES, options.seed())) {
      head.train(training, parts.bank(), options.seed(), progress);
      for (DenseSample query : parts.queries()) {
        DepthErrors.of(head.predicted(query.tokens(), side), head.metres(query), DepthRange.INDOORS)
            .ifPresent(errors::add);
      }
    }
    DepthErrors mean = DepthErrors.mean(errors);
    String how =
        "linear head on patch and class token, %,d steps, depths below %.0f m"
            .formatted(training.steps(), DepthRange.INDOORS.max());
    report.add(Measure.number("depth_rmse", mean.rmse(), "metres; " + how));
    report.add(Measure.number("depth_abs_rel", mean.absRel(), "relative; " + how));
    report.add(Measure.share("depth_delta1", mean.delta1(), "within a factor of 1.25"));
    report.add(Measure.share("depth_delta2", mean.delta2(), "within 1.25 squared"));
    report.add(Measure.share("depth_delta3", mean.delta3(), "within 1.25 cubed"));
  }
}
