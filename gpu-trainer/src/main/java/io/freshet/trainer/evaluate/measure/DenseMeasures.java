package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseDirectory;
import io.freshet.trainer.evaluate.dense.DenseDirectory.Kind;
import io.freshet.trainer.evaluate.dense.HeadTraining;
import io.freshet.trainer.evaluate.dense.ImageScales;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.TokenBlocks;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.nio.file.Path;

/**
 * Linear segmentation and linear depth on the patch tokens of a vision transformer: of the last
 * block, and of four blocks where it has as many. Images are cut as the model's preprocessing says,
 * and scored on that square. One thread at a time.
 */
public final class DenseMeasures {
  private final TorchScriptLibrary library;
  private final BackboneModel model;
  private final HeadTraining training;
  private final ImageScales scales;
  private final MeasureOptions options;
  private final EvaluationProgress progress;

  public DenseMeasures(
      TorchScriptLibrary library,
      BackboneModel model,
      HeadTraining training,
      ImageScales scales,
      MeasureOptions options,
      EvaluationProgress progress) {
    this.library = library;
    this.model = model;
    this.training = training;
    this.scales = scales;
    this.options = options;
    this.progress = progress;
  }

  /**
   * @param root has maps of the kind
   * @throws IllegalArgumentException when too few images can be used
   */
  public void run(Path root, Kind kind, DirectoryReport report) {
    TokenBlocks blocks = blocks(kind);
    DenseSplit split = DenseSplit.of(DenseDirectory.read(root, kind), options.seed());
    try (DenseParts parts = DenseParts.read(split, kind, model, blocks, progress, report)) {
      switch (kind) {
        case MASKS ->
            new SegmentationMeasures(library, model, blocks, training, scales, options, progress)
                .run(parts, report);
        case DEPTH ->
            new DepthMeasures(library, model, blocks, training, options, progress)
                .run(parts, report);
      }
    }
  }

  /** Those whose tokens the heads see. */
  private TokenBlocks blocks(Kind kind) {
    return switch (kind) {
      case MASKS -> TokenBlocks.last(Math.min(TokenBlocks.SEVERAL, model.depth()), model.depth());
      case DEPTH -> TokenBlocks.evenly(model.depth());
    };
  }
}
