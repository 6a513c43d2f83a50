package io.freshet.curator.job;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.EmbeddingResult;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, decodes and embeds stored images in batches. An image whose bytes are gone or altered,
 * that is no canonical image, or that the model can't cope with is named in the log and left out; a
 * store that can't be reached is an error. Store and embedder are the caller's. Owned by one
 * thread.
 */
final class StoredImageEmbedding {
  private static final Logger LOG = LoggerFactory.getLogger(StoredImageEmbedding.class);

  private final BlobStore blobs;
  private final int batchSize;

  StoredImageEmbedding(BlobStore blobs, int batchSize) {
    this.blobs = blobs;
    this.batchSize = batchSize;
  }

  /**
   * Vectors by the given keys, without those of images that are left out.
   *
   * @throws CancellationException when the thread is interrupted
   */
  Map<String, Vector> embed(ImageEmbedder embedder, Map<String, BlobRef> images) {
    Map<String, Vector> vectors = new HashMap<>();
    List<String> keys = new ArrayList<>();
    List<RgbImage> batch = new ArrayList<>();
    images.forEach(
        (key, blob) -> {
          requireNotInterrupted(images.size());
          try {
            batch.add(CanonicalEncoding.decode(blobs.read(blob)));
            keys.add(key);
          } catch (BlobUnavailableException | IllegalArgumentException e) {
            leaveOut(key, e);
          }
          if (batch.size() == batchSize) {
            embedBatch(embedder, keys, batch, vectors);
          }
        });
    embedBatch(embedder, keys, batch, vectors);
    return vectors;
  }

  private static void embedBatch(
      ImageEmbedder embedder,
      List<String> keys,
      List<RgbImage> batch,
      Map<String, Vector> vectors) {
    requireNotInterrupted(batch.size());
    List<EmbeddingResult> results = EmbeddingResult.ofEach(embedder, batch);
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i) instanceof EmbeddingResult.Vector vector) {
        vectors.put(keys.get(i), Vectors.of(embedder.space().id(), vector.elements()));
      } else if (results.get(i) instanceof EmbeddingResult.Failure failure) {
        leaveOut(keys.get(i), failure.cause());
      }
    }
    keys.clear();
    batch.clear();
  }

  private static void requireNotInterrupted(int images) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("embedding %d images".formatted(images));
    }
  }

  private static void leaveOut(String key, RuntimeException cause) {
    LOG.warn("{} is left out of curation: {}", key, cause.getMessage());
  }
}
