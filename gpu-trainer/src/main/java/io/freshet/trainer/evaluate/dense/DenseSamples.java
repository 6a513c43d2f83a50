package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseDirectory.DenseFile;
import io.freshet.trainer.evaluate.directory.PreparedImages;
import io.freshet.trainer.evaluate.directory.SkippedFile;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.trainer.evaluate.model.TokenBlocks;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads images with their maps and embeds them. One thread at a time. */
public final class DenseSamples {
  private static final int BATCH = 16;

  private final BackboneModel model;
  private final TokenBlocks blocks;
  private final CentreCrop crop;
  private final EvaluationProgress progress;
  private final List<SkippedFile> skipped = new ArrayList<>();

  /**
   * @param blocks whose tokens samples have
   */
  public DenseSamples(BackboneModel model, TokenBlocks blocks, EvaluationProgress progress) {
    Preprocessing preprocessing = model.preprocessing();
    this.model = model;
    this.blocks = blocks;
    this.crop = new CentreCrop(preprocessing.resize(), preprocessing.imageSize());
    this.progress = progress;
  }

  /** Images that could not be used, so far. */
  public List<SkippedFile> skipped() {
    return List.copyOf(skipped);
  }

  private record Prepared(RgbImage crop, int width, int height) {}

  /**
   * What can be used of the files; the caller closes it.
   *
   * @throws IllegalArgumentException when their tokens are too many
   */
  public StoredSamples of(List<DenseFile> files, String phase) {
    StoredSamples samples = new StoredSamples();
    try {
      read(files, phase, samples);
      return samples;
    } catch (RuntimeException e) {
      samples.close();
      throw e;
    }
  }

  private void read(List<DenseFile> files, String phase, StoredSamples samples) {
    PreparedImages<Prepared> images =
        new PreparedImages<>(
            image ->
                new Prepared(
                    model.preprocessing().transform().pixels(image),
                    image.width(),
                    image.height()));
    for (int from = 0; from < files.size(); from += BATCH) {
      progress.at(phase, from, files.size());
      List<DenseFile> some = files.subList(from, Math.min(from + BATCH, files.size()));
      PreparedImages.Batch<Prepared> batch =
          images.read(
              some.stream().map(DenseFile::image).toList(),
              some.stream().map(DenseFile::name).toList());
      skipped.addAll(batch.refusals());
      add(some, batch, samples);
    }
    progress.at(phase, files.size(), files.size());
  }

  private void add(
      List<DenseFile> files, PreparedImages.Batch<Prepared> batch, StoredSamples samples) {
    List<RgbImage> crops = new ArrayList<>();
    List<Path> paths = new ArrayList<>();
    List<int[]> maps = new ArrayList<>();
    for (int i = 0; i < batch.images().size(); i++) {
      DenseFile file = files.get(batch.kept().get(i));
      Prepared image = batch.images().get(i);
      try {
        PixelMap map = PixelMap.read(file.map());
        if (map.width() != image.width() || map.height() != image.height()) {
          throw new IllegalArgumentException(
              "the image has %d x %d pixels, its map %d x %d"
                  .formatted(image.width(), image.height(), map.width(), map.height()));
        }
        maps.add(map.under(crop));
        crops.add(image.crop());
        paths.add(file.image());
      } catch (IOException | IllegalArgumentException e) {
        skipped.add(new SkippedFile(file.name(), e.getMessage()));
      }
    }
    if (crops.isEmpty()) {
      return;
    }
    List<List<PatchTokens>> tokens = model.patchTokens(crops, blocks);
    for (int i = 0; i < tokens.size(); i++) {
      samples.add(new DenseSample(paths.get(i), tokens.get(i), maps.get(i)));
    }
  }
}
