package io.freshet.curator.job;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Vector;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models from the registry, images from the blob store. Owned by one thread. */
final class CurationEmbedder implements AliasEmbedder {
  private static final Logger LOG = LoggerFactory.getLogger(CurationEmbedder.class);
  private static final String ALIAS = "curation";

  private final StoredImageEmbedding stored;
  private final ModelRegistry registry;
  private ModelVersion version;
  private ImageEmbedder embedder;

  CurationEmbedder(BlobConfig blobs, RegistryConfig registry, int batchSize) {
    this.stored = new StoredImageEmbedding(BlobStores.open(blobs), batchSize);
    this.registry = ModelRegistries.open(registry);
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
    return stored.embed(embedder, images);
  }

  @Override
  public void close() {
    if (embedder != null) {
      embedder.close();
      embedder = null;
    }
  }
}
