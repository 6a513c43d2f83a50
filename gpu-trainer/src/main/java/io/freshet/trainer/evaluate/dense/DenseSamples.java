package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseDirectory.DenseFile;
import io.freshet.trainer.evaluate.directory.PreparedImages;
import io.freshet.trainer.evaluate.directory.SkippedFile;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Preprocessing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads images with their maps and embeds them. Held on the heap. One thread at a time. */
public final class DenseSamples {
  private static final int BATCH = 16;

  /** Numbers of tokens held at once, 4 bytes each. */
  private static final long MAX_NUMBERS = 160L << 20;

  private final BackboneModel model;
  private final CentreCrop crop;
  private final EvaluationProgress progress;
  private final List<SkippedFile> skipped = new ArrayList<>();
  private long held;

  public DenseSamples(BackboneModel model, EvaluationProgress progress) {
    Preprocessing preprocessing = model.preprocessing();
    this.model = model;
    this.crop = new CentreCrop(preprocessing.resize(), preprocessing.imageSize());
    this.progress = progress;
  }

  /** Images that could not be used, so far. */
  public List<SkippedFile> skipped() {
    return List.copyOf(skipped);
  }

  private record Prepared(RgbImage crop, int width, int height) {}

  /**
   * @throws IllegalArgumentException when their tokens don't fit into memory
   */
  public List<DenseSample> of(List<DenseFile> files, String phase) {
    PreparedImages<Prepared> images =
        new PreparedImages<>(
            image ->
                new Prepared(
                    model.preprocessing().transform().pixels(image),
                    image.width(),
                    image.height()));
    List<DenseSample> samples = new ArrayList<>();
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
    return samples;
  }

  private void add(
      List<DenseFile> files, PreparedImages.Batch<Prepared> batch, List<DenseSample> samples) {
    List<RgbImage> crops = new ArrayList<>();
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
      } catch (IOException | IllegalArgumentException e) {
        skipped.add(new SkippedFile(file.name(), e.getMessage()));
      }
    }
    if (crops.isEmpty()) {
      return;
    }
    List<PatchTokens> tokens = model.patchTokens(crops);
    for (int i = 0; i < tokens.size(); i++) {
      held += tokens.get(i).tokens().length;
      samples.add(new DenseSample(tokens.get(i), maps.get(i)));
    }
    if (held > MAX_NUMBERS) {
      throw new IllegalArgumentException(
          "the patch tokens of %,d images take %,d MiB, the limit is %,d; give fewer images or a smaller --crop"
              .formatted(samples.size(), held >> 18, MAX_NUMBERS >> 18));
    }
  }
}
