package io.freshet.dedup.flow;

import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.CopyModel;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;

/**
 * The embedder that the configuration names.
 *
 * @param model as {@link CopyModel} takes it
 * @param blobs where canonical images lie
 */
public record ConfiguredEmbedder(String model, BlobConfig blobs) implements EmbedderSource {
  @Override
  public CopyEmbedder open() {
    return new CopyEmbedder(BlobStores.open(blobs), CopyModel.open(model));
  }
}
