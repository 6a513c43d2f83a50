package io.freshet.vision.embed;

import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.EvalTransform;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/**
 * What every embedder shares: images are transformed and cut into batches, vectors are checked and
 * normalised, and closing waits for the calls that run.
 */
abstract class BatchedEmbedder implements ImageEmbedder {

  /** Bounds the memory of one call: 32 images of 224 pixels are 19 MB. */
  private static final int MAX_BATCH = 32;

  private final EmbeddingSpace space;
  private final EvalTransform transform;
  private final int side;
  private final ReentrantReadWriteLock lifecycle = new ReentrantReadWriteLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  BatchedEmbedder(EmbeddingSpace space, EmbedderSpec spec) {
    this.space = space;
    this.transform = spec.preprocessing().transform();
    this.side = spec.imageSize();
  }

  /**
   * Embeds one batch.
   *
   * @param pixels {@code (count, 3, side, side)}
   * @return {@code count} vectors of {@link #dim}
   */
  abstract float[][] forward(float[] pixels, int count, int side);

  abstract void release();

  /** The most images that {@link #forward} takes at once. */
  int maxBatch() {
    return MAX_BATCH;
  }

  @Override
  public final EmbeddingSpace space() {
    return space;
  }

  @Override
  public final float[][] embed(List<RgbImage> images) {
    float[][] vectors = new float[images.size()][];
    inBatches(
        images,
        (pixels, count, start) -> {
          float[][] embedded = forward(pixels, count, side);
          for (int i = 0; i < embedded.length; i++) {
            vectors[start + i] = finished(embedded[i]);
          }
        });
    return vectors;
  }

  /** One pass over a batch. */
  @FunctionalInterface
  interface Pass {
    /**
     * @param pixels {@code (count, 3, side, side)}
     * @param start number of the first image
     */
    void over(float[] pixels, int count, int start);
  }

  /** Side of the square that the model sees, pixels. */
  final int side() {
    return side;
  }

  /** Makes a pass over each batch, while nobody closes. */
  final void inBatches(List<RgbImage> images, Pass pass) {
    lifecycle.readLock().lock();
    try {
      if (closed.get()) {
        throw new IllegalStateException("the embedder of " + space + " is closed");
      }
      for (int start = 0; start < images.size(); start += maxBatch()) {
        List<RgbImage> batch = images.subList(start, Math.min(start + maxBatch(), images.size()));
        pass.over(pixels(batch), batch.size(), start);
      }
    } finally {
      lifecycle.readLock().unlock();
    }
  }

  /**
   * Whether a call takes more than one core anyway, in its forward pass. Then it also does for its
   * pixels: the cores would wait for them.
   */
  boolean takesSeveralCores() {
    return false;
  }

  private float[] pixels(List<RgbImage> batch) {
    float[] pixels = new float[Math.multiplyExact(batch.size(), transform.length())];
    IntStream numbers = IntStream.range(0, batch.size());
    (takesSeveralCores() ? numbers.parallel() : numbers)
        .forEach(i -> transform.apply(batch.get(i), pixels, i * transform.length()));
    return pixels;
  }

  /** Checks a vector and brings it to length one, if the space says so. */
  final float[] finished(float[] vector) {
    if (vector.length != dim()) {
      throw new EmbeddingException(
          "the model of " + space + " gave " + vector.length + " numbers, expected " + dim());
    }
    double squares = 0;
    for (float v : vector) {
      squares += (double) v * v;
    }
    double norm = Math.sqrt(squares);
    if (!Double.isFinite(norm) || (space.isL2() && norm == 0)) {
      throw new EmbeddingException(
          "the model of "
              + space
              + " gave a vector of length "
              + norm
              + ", which has no direction");
    }
    if (space.isL2()) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) (vector[i] / norm);
      }
    }
    return vector;
  }

  @Override
  public final void close() {
    lifecycle.writeLock().lock();
    try {
      if (!closed.getAndSet(true)) {
        release();
      }
    } finally {
      lifecycle.writeLock().unlock();
    }
  }
}
