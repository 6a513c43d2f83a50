package io.freshet.trainer.evaluate;

import io.freshet.trainer.data.ImageLibrary;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Features of any embedder, whose own transform sees the canonical image. The pixels are read again
 * on each use, for they don't fit in memory.
 */
public final class EmbedderFeatures implements FeatureSource {
  private final ImageEmbedder embedder;
  private final ImageLibrary images;
  private final int batchImages;

  /**
   * @param embedder stays the caller's
   */
  public EmbedderFeatures(ImageEmbedder embedder, ImageLibrary images, int batchImages) {
    this.embedder = embedder;
    this.images = images;
    this.batchImages = batchImages;
  }

  @Override
  public float[][] features(List<EvaluationImage> wanted) {
    List<float[]> features = new ArrayList<>(wanted.size());
    List<RgbImage> batch = new ArrayList<>();
    for (EvaluationImage image : wanted) {
      batch.add(
          images
              .read(image.blob())
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "an evaluation image was there at the start and is gone: "
                              + image.blob())));
      if (batch.size() == batchImages) {
        features.addAll(List.of(embedder.embed(List.copyOf(batch))));
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      features.addAll(List.of(embedder.embed(batch)));
    }
    return features.toArray(float[][]::new);
  }
}
