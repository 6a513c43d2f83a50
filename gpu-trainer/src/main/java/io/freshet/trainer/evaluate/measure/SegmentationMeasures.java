package io.freshet.trainer.evaluate.measure;

import static java.util.stream.Collectors.joining;

import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseSample;
import io.freshet.trainer.evaluate.dense.HeadTraining;
import io.freshet.trainer.evaluate.dense.ImageScales;
import io.freshet.trainer.evaluate.dense.MultiScaleSegmentation;
import io.freshet.trainer.evaluate.dense.SegmentationProbe;
import io.freshet.trainer.evaluate.directory.PreparedImages;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.TokenBlocks;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Linear segmentation: of the crop once with the last block's tokens and with several blocks', and
 * at several scales. One thread at a time.
 */
final class SegmentationMeasures {
  private static final int BACKGROUND_ONLY = 1;

  private final TorchScriptLibrary library;
  private final BackboneModel model;
  private final TokenBlocks blocks;
  private final HeadTraining training;
  private final ImageScales scales;
  private final MeasureOptions options;
  private final EvaluationProgress progress;

  SegmentationMeasures(
      TorchScriptLibrary library,
      BackboneModel model,
      TokenBlocks blocks,
      HeadTraining training,
      ImageScales scales,
      MeasureOptions options,
      EvaluationProgress progress) {
    this.library = library;
    this.model = model;
    this.blocks = blocks;
    this.training = training;
    this.scales = scales;
    this.options = options;
    this.progress = progress;
  }

  void run(DenseParts parts, DirectoryReport report) {
    int classes = classes(parts);
    try (SegmentationProbe head = trained(parts, classes, 1)) {
      ConfusionMatrix confusions = once(parts, head);
      String how = "linear head on patch tokens, %,d steps".formatted(training.steps());
      report.add(
          Measure.share(
              "miou", confusions.meanIou(), "mean IoU of %d classes, %s".formatted(classes, how)));
      report.add(Measure.share("segmentation_mean_class_accuracy", confusions.meanAccuracy(), how));
      report.add(Measure.share("segmentation_pixel_accuracy", confusions.accuracy(), how));
    }
    int count = blocks.indices().size();
    if (count == 1 && scales.isSingle()) {
      return;
    }
    try (SegmentationProbe head = trained(parts, classes, count)) {
      if (count == TokenBlocks.SEVERAL) {
        report.add(
            Measure.share(
                "miou" + DepthMeasures.SEVERAL,
                once(parts, head).meanIou(),
                "head on the last %d blocks".formatted(count)));
      }
      if (!scales.isSingle()) {
        report.add(
            Measure.share(
                "miou_multi_scale",
                atScales(parts, head).meanIou(),
                "head on the last %d blocks, %s".formatted(count, seen())));
      }
    }
  }

  private String seen() {
    return "scales %s, mirrored too: %,d passes an image"
        .formatted(
            scales.factors().stream().map(String::valueOf).collect(joining(", ")),
            scales.passes(model.preprocessing().imageSize(), model.patchSize()));
  }

  private SegmentationProbe trained(DenseParts parts, int classes, int count) {
    SegmentationProbe head =
        new SegmentationProbe(library, classes, parts.dim(), count, options.seed());
    try {
      head.train(training, parts.bank(), options.seed(), progress);
      return head;
    } catch (RuntimeException e) {
      head.close();
      throw e;
    }
  }

  private ConfusionMatrix once(DenseParts parts, SegmentationProbe head) {
    ConfusionMatrix confusions = new ConfusionMatrix(head.classes());
    int side = model.preprocessing().imageSize();
    for (DenseSample query : parts.queries()) {
      add(confusions, query.map(), head.shares(query.blocks(), side));
    }
    return confusions;
  }

  private ConfusionMatrix atScales(DenseParts parts, SegmentationProbe head) {
    MultiScaleSegmentation segmentation = new MultiScaleSegmentation(model, head, blocks, scales);
    PreparedImages<List<RgbImage>> images = new PreparedImages<>(segmentation::views);
    ConfusionMatrix confusions = new ConfusionMatrix(head.classes());
    String phase = "segmentation at %d scales".formatted(scales.factors().size());
    for (int i = 0; i < parts.queries().size(); i++) {
      progress.at(phase, i, parts.queries().size());
      DenseSample query = parts.queries().get(i);
      PreparedImages.Batch<List<RgbImage>> read =
          images.read(List.of(query.image()), List.of(query.image().toString()));
      if (read.images().isEmpty()) {
        throw new IllegalArgumentException(
            "%s can't be read again: %s".formatted(query.image(), read.refusals().get(0).reason()));
      }
      add(confusions, query.map(), segmentation.shares(read.images().get(0)));
    }
    progress.at(phase, parts.queries().size(), parts.queries().size());
    return confusions;
  }

  private static int classes(DenseParts parts) {
    int highest =
        Stream.of(parts.bank(), parts.queries())
            .flatMapToInt(
                samples ->
                    IntStream.range(0, samples.size()).flatMap(i -> Arrays.stream(samples.map(i))))
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
}
