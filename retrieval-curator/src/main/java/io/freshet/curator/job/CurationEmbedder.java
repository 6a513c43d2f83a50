package io.freshet.curator.job;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models from the registry, images from the blob store. Owned by one thread. */
final class CurationEmbedder implements AliasEmbedder {
  private static final Logger LOG = LoggerFactory.getLogger(CurationEmbedder.class);
  private static final String ALIAS = "curation";

  private final BlobStore blobs;
  private final ModelRegistry registry;
  private final int batchSize;
  private ModelVersion version;
  private ImageEmbedder embedder;

  CurationEmbedder(BlobConfig blobs, RegistryConfig registry, int batchSize) {
    this.blobs = BlobStores.open(blobs);
    this.registry = ModelRegistries.open(registry);
    this.batchSize = batchSize;
  }

  @Override
  public void followAlias() {
    ModelVersion named =
        registry
            .resolve(ALIAS)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the registry has no alias 'curation'; point it at a model, e.g. freshet models promote bootstrap@1 --alias curation --reason TEXT"));
    if (named.equals(version)) {
      return;
    }
    EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(named).embedding());
    ImageEmbedder next =
        ImageEmbedders.open(spec.space(named.name(), named.version()), spec, registry.open(named));
    close();
    LOG.info("curation embeds in {} from now on, before in {}", next.space().id(), version);
    embedder = next;
    version = named;
  }

  @Override
  public CurationSpace space() {
    return new CurationSpace(embedder.space().id());
  }

  @Override
  public Map<String, Vector> embed(Map<String, BlobRef> images) {
    Map<String, Vector> vectors = new HashMap<>();
    List<String> keys = new ArrayList<>();
    List<RgbImage> batch = new ArrayList<>();
    images.forEach(
        (key, blob) -> {
          try {
            batch.add(CanonicalEncoding.decode(blobs.read(blob)));
            keys.add(key);
          } catch (BlobUnavailableException e) {
            LOG.warn("left out of curation: {}", e.getMessage());
          }
          if (batch.size() == batchSize) {
            embedBatch(keys, batch, vectors);
          }
        });
    embedBatch(keys, batch, vectors);
    return vectors;
  }

  private void embedBatch(List<String> keys, List<RgbImage> batch, Map<String, Vector> vectors) {
    if (batch.isEmpty()) {
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("embedding %d images".formatted(batch.size()));
    }
    float[][] embedded = embedder.embed(batch);
    for (int i = 0; i < embedded.length; i++) {
      vectors.put(keys.get(i), Vectors.of(embedder.space().id(), embedded[i]));
    }
    keys.clear();
    batch.clear();
  }

  @Override
  public void close() {
    if (embedder != null) {
      embedder.close();
      embedder = null;
    }
  }
}
