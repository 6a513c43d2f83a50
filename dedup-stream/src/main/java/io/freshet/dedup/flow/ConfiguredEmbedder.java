package io.freshet.dedup.flow;

import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.EmbedderDirectory;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.nio.file.Path;

/**
 * The embedder that the configuration names.
 *
 * @param model directory of an embedder; empty for the bundled one
 * @param blobs where canonical images lie
 */
public record ConfiguredEmbedder(String model, BlobConfig blobs) implements EmbedderSource {
  @Override
  public CopyEmbedder open() {
    ImageEmbedder embedder =
        model.isEmpty() ? ImageEmbedders.bootstrap() : EmbedderDirectory.open(Path.of(model));
    return new CopyEmbedder(BlobStores.open(blobs), embedder);
  }
}
