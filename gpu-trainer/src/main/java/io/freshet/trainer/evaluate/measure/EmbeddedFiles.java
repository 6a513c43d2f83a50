package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.directory.PreparedImages;
import io.freshet.trainer.evaluate.directory.SkippedFile;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.trainer.evaluate.probe.FeatureRange;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Files with what a model makes of them.
 *
 * @param files those that could be read
 * @param features all that probes see, one vector a file
 * @param skipped those that could not
 */
public record EmbeddedFiles(
    List<LabelledFile> files, List<float[]> features, List<SkippedFile> skipped) {
  private static final int BATCH = 32;

  public EmbeddedFiles {
    files = List.copyOf(files);
    features = List.copyOf(features);
    skipped = List.copyOf(skipped);
  }

  /** Embeds files as the model's preprocessing prepares them. */
  static EmbeddedFiles of(
      EvaluatedModel model, List<LabelledFile> files, EvaluationProgress progress) {
    return of(model, files, model.preprocessing().transform()::pixels, "embedding", progress);
  }

  /**
   * Embeds files.
   *
   * @param preparation makes of each image a square of the model's size
   * @param phase what the progress calls it
   * @throws IllegalArgumentException when no file at all can be read
   */
  static EmbeddedFiles of(
      EvaluatedModel model,
      List<LabelledFile> files,
      UnaryOperator<RgbImage> preparation,
      String phase,
      EvaluationProgress progress) {
    PreparedImages<RgbImage> images = new PreparedImages<>(preparation);
    List<LabelledFile> kept = new ArrayList<>();
    List<float[]> features = new ArrayList<>();
    List<SkippedFile> skipped = new ArrayList<>();
    progress.at(phase, 0, files.size());
    for (int from = 0; from < files.size(); from += BATCH) {
      List<LabelledFile> some = files.subList(from, Math.min(from + BATCH, files.size()));
      PreparedImages.Batch<RgbImage> batch =
          images.read(
              some.stream().map(LabelledFile::path).toList(),
              some.stream().map(LabelledFile::name).toList());
      if (!batch.images().isEmpty()) {
        features.addAll(List.of(model.features(batch.images())));
      }
      batch.kept().forEach(i -> kept.add(some.get(i)));
      skipped.addAll(batch.refusals());
      progress.at(phase, from + some.size(), files.size());
    }
    if (kept.isEmpty()) {
      throw new IllegalArgumentException(
          "none of the %,d images can be read; the first is %s: %s"
              .formatted(files.size(), skipped.get(0).name(), skipped.get(0).reason()));
    }
    return new EmbeddedFiles(kept, features, skipped);
  }

  /** A part of each vector. */
  List<float[]> part(FeatureRange range) {
    return features.stream()
        .map(vector -> Arrays.copyOfRange(vector, range.from(), range.from() + range.length()))
        .toList();
  }
}
