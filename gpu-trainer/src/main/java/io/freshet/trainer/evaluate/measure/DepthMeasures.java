package io.freshet.trainer.evaluate.measure;

import static java.util.stream.Collectors.joining;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseSample;
import io.freshet.trainer.evaluate.dense.DepthErrors;
import io.freshet.trainer.evaluate.dense.DepthProbe;
import io.freshet.trainer.evaluate.dense.DepthRange;
import io.freshet.trainer.evaluate.dense.HeadTraining;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.TokenBlocks;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.List;

/** Linear depth with the last block's tokens and with several blocks'. One thread at a time. */
final class DepthMeasures {
  /** Ends the keys of what a head on several blocks achieved. */
  static final String SEVERAL = "_" + TokenBlocks.SEVERAL + "_blocks";

  private static final double MILLIMETRES = 1000;

  private final TorchScriptLibrary library;
  private final BackboneModel model;
  private final TokenBlocks blocks;
  private final HeadTraining training;
  private final MeasureOptions options;
  private final EvaluationProgress progress;

  DepthMeasures(
      TorchScriptLibrary library,
      BackboneModel model,
      TokenBlocks blocks,
      HeadTraining training,
      MeasureOptions options,
      EvaluationProgress progress) {
    this.library = library;
    this.model = model;
    this.blocks = blocks;
    this.training = training;
    this.options = options;
    this.progress = progress;
  }

  void run(DenseParts parts, DirectoryReport report) {
    add(
        errors(parts, 1),
        "",
        "linear head on patch and class token, %,d steps, depths below %.0f m"
            .formatted(training.steps(), DepthRange.INDOORS.max()),
        report);
    int count = blocks.indices().size();
    if (count == TokenBlocks.SEVERAL) {
      String which =
          blocks.indices().stream().map(block -> String.valueOf(block + 1)).collect(joining(", "));
      add(errors(parts, count), SEVERAL, "the same on blocks " + which, report);
    }
  }

  private static void add(DepthErrors mean, String suffix, String how, DirectoryReport report) {
    report.add(Measure.number("depth_rmse" + suffix, mean.rmse(), "metres; " + how));
    report.add(Measure.number("depth_abs_rel" + suffix, mean.absRel(), "relative; " + how));
    report.add(Measure.share("depth_delta1" + suffix, mean.delta1(), "within a factor of 1.25"));
    report.add(Measure.share("depth_delta2" + suffix, mean.delta2(), "within 1.25 squared"));
    report.add(Measure.share("depth_delta3" + suffix, mean.delta3(), "within 1.25 cubed"));
  }

  /**
   * @param count blocks whose tokens the head sees, the last of the samples'
   */
  private DepthErrors errors(DenseParts parts, int count) {
    int side = model.preprocessing().imageSize();
    List<DepthErrors> errors = new ArrayList<>();
    try (DepthProbe head =
        new DepthProbe(
            library, parts.dim(), count, DepthRange.INDOORS, MILLIMETRES, options.seed())) {
      head.train(training, parts.bank(), options.seed(), progress);
      for (DenseSample query : parts.queries()) {
        DepthErrors.of(head.predicted(query.blocks(), side), head.metres(query), DepthRange.INDOORS)
            .ifPresent(errors::add);
      }
    }
    return DepthErrors.mean(errors);
  }
}
