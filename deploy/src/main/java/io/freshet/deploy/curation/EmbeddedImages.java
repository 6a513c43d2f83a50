package io.freshet.deploy.curation;

import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;

/**
 * Images with their vectors, in their order. Reads as far ahead as a forward pass has images. One
 * owner thread; source and embedder are the caller's to close.
 */
public final class EmbeddedImages implements Iterator<EmbeddedImages.EmbeddedImage> {
  private final Iterator<BatchImage> source;
  private final ImageEmbedder embedder;
  private final int batchImages;
  private final Runnable afterBatch;
  private final Queue<EmbeddedImage> ready = new ArrayDeque<>();

  /**
   * An image with its vector.
   *
   * @param host that served it; empty when none did
   * @param vector of length one, in the embedder's space
   */
  public record EmbeddedImage(String imageId, String host, Place place, float[] vector) {
    EmbeddedImage(BatchImage image, float[] vector) {
      this(image.imageId(), image.host(), image.place(), vector);
    }
  }

  /**
   * @param batchImages images of one forward pass; also how far is read ahead
   * @param afterBatch is run after each, by the thread that asks for images
   */
  public EmbeddedImages(
      Iterator<BatchImage> source, ImageEmbedder embedder, int batchImages, Runnable afterBatch) {
    this.source = source;
    this.embedder = embedder;
    this.batchImages = batchImages;
    this.afterBatch = afterBatch;
  }

  @Override
  public boolean hasNext() {
    if (ready.isEmpty() && source.hasNext()) {
      readAhead();
    }
    return !ready.isEmpty();
  }

  @Override
  public EmbeddedImage next() {
    if (ready.isEmpty()) {
      readAhead();
    }
    return ready.remove();
  }

  private void readAhead() {
    List<BatchImage> images = new ArrayList<>();
    List<RgbImage> pixels = new ArrayList<>();
    while (images.size() < batchImages && source.hasNext()) {
      BatchImage image = source.next();
      images.add(image);
      if (image.content() instanceof BatchImage.Pixels content) {
        pixels.add(content.image());
      }
    }
    float[][] vectors = pixels.isEmpty() ? new float[0][] : embedder.embed(pixels);
    int next = 0;
    for (BatchImage image : images) {
      float[] vector =
          image.content() instanceof BatchImage.Embedded content
              ? content.elements()
              : vectors[next++];
      ready.add(new EmbeddedImage(image, vector));
    }
    afterBatch.run();
  }
}
