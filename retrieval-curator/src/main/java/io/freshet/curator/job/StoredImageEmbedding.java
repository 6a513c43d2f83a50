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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and decodes stored images on all cores and embeds them in batches. An image whose bytes are
 * gone or altered, that is no canonical image, or that the model can't cope with is named in the
 * log and left out; a store that can't be reached is an error. Store and embedder are the caller's.
 * Owned by one thread.
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
    List<String> keys = List.copyOf(images.keySet());
    for (int start = 0; start < keys.size(); start += batchSize) {
      requireNotInterrupted(images.size());
      List<Read> batch =
          keys.subList(start, Math.min(start + batchSize, keys.size())).parallelStream()
              .flatMap(key -> read(key, images.get(key)).stream())
              .toList();
      requireNotInterrupted(images.size());
      embedBatch(embedder, batch, vectors);
    }
    return vectors;
  }

  /** An image and its key. */
  private record Read(String key, RgbImage image) {}

  private Optional<Read> read(String key, BlobRef blob) {
    try {
      return Optional.of(new Read(key, CanonicalEncoding.decode(blobs.read(blob))));
    } catch (BlobUnavailableException | IllegalArgumentException e) {
      leaveOut(key, e);
      return Optional.empty();
    }
  }

  private static void embedBatch(
      ImageEmbedder embedder, List<Read> batch, Map<String, Vector> vectors) {
    List<EmbeddingResult> results =
        EmbeddingResult.ofEach(embedder, batch.stream().map(Read::image).toList());
    for (int i = 0; i < results.size(); i++) {
      String key = batch.get(i).key();
      if (results.get(i) instanceof EmbeddingResult.Vector vector) {
        vectors.put(key, Vectors.of(embedder.space().id(), vector.elements()));
      } else if (results.get(i) instanceof EmbeddingResult.Failure failure) {
        leaveOut(key, failure.cause());
      }
    }
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
