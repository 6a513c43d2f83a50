package io.freshet.deploy.curation;

import io.freshet.vision.embed.EmbeddingResult;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Images with their vectors, in their order, without those that the model can't cope with. Reads as
 * far ahead as a forward pass has images. One owner thread; source and embedder are the caller's to
 * close.
 */
public final class EmbeddedImages implements Iterator<EmbeddedImages.EmbeddedImage> {
  private final Iterator<BatchImage> source;
  private final ImageEmbedder embedder;
  private final int batchImages;
  private final Consumer<LeftOut> leftOut;
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
   * @param leftOut hears of each image that the model can't cope with
   * @param afterBatch is run after each, by the thread that asks for images
   */
  public EmbeddedImages(
      Iterator<BatchImage> source,
      ImageEmbedder embedder,
      int batchImages,
      Consumer<LeftOut> leftOut,
      Runnable afterBatch) {
    this.source = source;
    this.embedder = embedder;
    this.batchImages = batchImages;
    this.leftOut = leftOut;
    this.afterBatch = afterBatch;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && source.hasNext()) {
      readAhead();
    }
    return !ready.isEmpty();
  }

  @Override
  public EmbeddedImage next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no image is left");
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
    Iterator<EmbeddingResult> results = EmbeddingResult.ofEach(embedder, pixels).iterator();
    for (BatchImage image : images) {
      if (image.content() instanceof BatchImage.Embedded content) {
        ready.add(new EmbeddedImage(image, content.elements()));
      } else {
        add(image, results.next());
      }
    }
    afterBatch.run();
  }

  private void add(BatchImage image, EmbeddingResult result) {
    if (result instanceof EmbeddingResult.Vector vector) {
      ready.add(new EmbeddedImage(image, vector.elements()));
    } else if (result instanceof EmbeddingResult.Failure failure) {
      leftOut.accept(
          new LeftOut(image.place().name(), image.imageId(), failure.cause().getMessage()));
    }
  }
}
