package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.geometry.FeatureGeometry;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.transform.HorizontalFlip;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.RandomResizedCrop;
import io.freshet.vision.transform.Resampling;
import java.util.Arrays;
import java.util.List;

/** RankMe, alignment and uniformity. */
final class LabelFreeMeasures {
  /** Bounds the singular values' cost, which grows with its square. */
  private static final int MAX_VECTORS = 4_096;

  private static final int VIEWED = 256;

  /** Of global crops in training. */
  private static final RandomResizedCrop VIEW = RandomResizedCrop.ofScale(0.32, 1);

  private final FeatureGeometry geometry;
  private final EvaluatedModel model;
  private final long seed;
  private final EvaluationProgress progress;

  LabelFreeMeasures(
      TorchScriptLibrary library,
      EvaluatedModel model,
      MeasureOptions options,
      EvaluationProgress progress) {
    this.geometry = new FeatureGeometry(library);
    this.model = model;
    this.seed = options.seed();
    this.progress = progress;
  }

  /**
   * @param vectors the embedding of each file
   */
  void run(List<LabelledFile> files, List<float[]> vectors, DirectoryReport report) {
    List<float[]> some = Draws.some(vectors, MAX_VECTORS, seed);
    report.add(
        Measure.number(
            "rankme",
            geometry.rankme(some),
            "effective dimensions of %,d vectors of %d numbers"
                .formatted(some.size(), some.get(0).length)));
    report.add(
        Measure.number(
            "uniformity",
            geometry.uniformity(some),
            "log mean potential of all pairs; lower is more even"));
    List<LabelledFile> viewed = Draws.some(files, VIEWED, seed);
    List<float[]> views = views(viewed, 0, "views");
    report.add(
        Measure.number(
            "alignment",
            geometry.alignment(views, views(viewed, 1, "other views")),
            "mean squared distance of two random crops of %,d images; lower is better"
                .formatted(viewed.size())));
  }

  /** Features of a random crop of each image, mirrored in the second view. */
  private List<float[]> views(List<LabelledFile> files, int view, String phase) {
    int side = model.preprocessing().imageSize();
    return EmbeddedFiles.of(model, files, image -> cropped(image, view, side), phase, progress)
        .part(model.embedding());
  }

  private RgbImage cropped(RgbImage image, int view, int side) {
    RgbImage crop =
        PilResize.resizedCrop(
            image,
            VIEW.sample(
                image.width(),
                image.height(),
                StepRandom.of(seed, Purpose.EVALUATION, 5 + view, Arrays.hashCode(image.rgb()))),
            side,
            side,
            Resampling.BICUBIC);
    return view == 0 ? crop : HorizontalFlip.of(crop);
  }
}
