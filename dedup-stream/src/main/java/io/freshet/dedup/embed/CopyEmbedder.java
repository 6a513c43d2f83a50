package io.freshet.dedup.embed;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.RejectionReason;
import io.freshet.vision.embed.EmbeddingResult;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * From requests to copy-detection embeddings: reads the stored bytes, decodes and embeds them.
 *
 * <p>Bytes that are missing, altered, no canonical image or one that the model can't cope with make
 * the request unreadable; a store that can't be reached is an error, which the job retries by
 * restarting. Owns the store and the embedder and closes both. Owner: one thread.
 */
public final class CopyEmbedder implements AutoCloseable {
  private final BlobStore blobs;
  private final ImageEmbedder embedder;
  private final String spaceId;

  public CopyEmbedder(BlobStore blobs, ImageEmbedder embedder) {
    this.blobs = blobs;
    this.embedder = embedder;
    this.spaceId = embedder.space().id();
  }

  public String spaceId() {
    return spaceId;
  }

  /** One result for each request, in no set order; the readable ones pass as one batch. */
  public List<Embedding> embed(List<Request> requests) {
    List<Request> readable = new ArrayList<>(requests.size());
    List<RgbImage> images = new ArrayList<>(requests.size());
    List<Embedding> results = new ArrayList<>(requests.size());
    for (Request request : requests) {
      try {
        images.add(CanonicalEncoding.decode(blobs.read(request.image().getBlob())));
        readable.add(request);
      } catch (BlobUnavailableException e) {
        results.add(new Unreadable(request, e.reason(), e.getMessage()));
      } catch (IllegalArgumentException e) {
        results.add(new Unreadable(request, RejectionReason.CORRUPT, e.getMessage()));
      }
    }
    results.addAll(vectors(readable, images));
    return results;
  }

  private List<Embedding> vectors(List<Request> requests, List<RgbImage> images) {
    List<EmbeddingResult> vectors = EmbeddingResult.ofEach(embedder, images);
    List<Embedding> results = new ArrayList<>(requests.size());
    for (int i = 0; i < vectors.size(); i++) {
      Request request = requests.get(i);
      if (vectors.get(i) instanceof EmbeddingResult.Vector vector) {
        results.add(
            new Embedded(request, spaceId, vector.elements(), PixelHash.all(images.get(i))));
      } else if (vectors.get(i) instanceof EmbeddingResult.Failure failure) {
        results.add(
            new Unreadable(request, RejectionReason.INTERNAL, failure.cause().getMessage()));
      }
    }
    return results;
  }

  @Override
  public void close() {
    try (blobs) {
      embedder.close();
    }
  }
}
