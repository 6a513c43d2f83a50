package io.freshet.deploy.backfill;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.BlobRef;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast this machine makes features of stored images, from the blob store to the vector.
 *
 * @param images that were measured, after a batch to warm up
 * @param imagesPerSecond 0 when none were
 */
public record EmbeddingRate(int images, double imagesPerSecond) {
  /** Measures on a sample; images whose bytes are not there don't count. */
  public static EmbeddingRate measure(
      BlobStore blobs, ImageEmbedder embedder, List<BlobRef> sample, int batch) {
    int done = 0;
    long nanos = 0;
    for (int from = 0; from < sample.size(); from += batch) {
      long start = System.nanoTime();
      List<RgbImage> pixels =
          decode(blobs, sample.subList(from, Math.min(sample.size(), from + batch)));
      if (!pixels.isEmpty()) {
        embedder.embed(pixels);
      }
      boolean warmUp = from == 0 && sample.size() > batch;
      if (!warmUp) {
        done += pixels.size();
        nanos += System.nanoTime() - start;
      }
    }
    return new EmbeddingRate(done, done == 0 ? 0 : done * 1e9 / nanos);
  }

  private static List<RgbImage> decode(BlobStore blobs, List<BlobRef> sample) {
    List<RgbImage> pixels = new ArrayList<>();
    for (BlobRef blob : sample) {
      try {
        pixels.add(CanonicalEncoding.decode(blobs.read(blob)));
      } catch (BlobUnavailableException e) {
        // The feature job passes over it too.
      }
    }
    return pixels;
  }
}
