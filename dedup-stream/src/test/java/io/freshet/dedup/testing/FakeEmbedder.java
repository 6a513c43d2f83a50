package io.freshet.dedup.testing;

import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** Embeds an image as the direction of its first pixels; records its batches. */
public final class FakeEmbedder implements ImageEmbedder {
  public static final int DIM = 16;

  private final EmbeddingSpace space;
  private final List<Integer> batches = new ArrayList<>();
  private boolean closed;

  public FakeEmbedder(String model) {
    this.space = new EmbeddingSpace(model, 1, "pixels", "l2");
  }

  public List<Integer> batches() {
    return batches;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public EmbeddingSpace space() {
    return space;
  }

  @Override
  public int dim() {
    return DIM;
  }

  @Override
  public float[][] embed(List<RgbImage> images) {
    batches.add(images.size());
    float[][] vectors = new float[images.size()][DIM];
    for (int i = 0; i < vectors.length; i++) {
      double norm = 0;
      for (int j = 0; j < DIM; j++) {
        vectors[i][j] = images.get(i).rgb()[j];
        norm += vectors[i][j] * vectors[i][j];
      }
      for (int j = 0; j < DIM; j++) {
        vectors[i][j] /= (float) Math.sqrt(norm);
      }
    }
    return vectors;
  }

  @Override
  public void close() {
    closed = true;
  }
}
