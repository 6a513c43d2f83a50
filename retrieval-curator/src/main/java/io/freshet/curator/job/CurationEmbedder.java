package io.freshet.curator.job;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.RegistryException;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Vector;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models from the registry, images from the blob store. A model that can't be had is tried again
 * every {@link #RETRY}, since a trial reads the whole release. Owned by one thread.
 */
final class CurationEmbedder implements AliasEmbedder {
  private static final Logger LOG = LoggerFactory.getLogger(CurationEmbedder.class);
  private static final String REMEDY =
      "point it at a model, e.g. freshet models promote bootstrap@1 --alias curation --reason TEXT";
  private static final String ALIAS = "curation";
  static final Duration RETRY = Duration.ofSeconds(30);

  private final StoredImageEmbedding stored;
  private final ModelRegistry registry;
  private final InstantSource clock;
  private ModelVersion version;
  private ImageEmbedder embedder;

  /** Why the alias can't be followed, as it was told last. */
  private String refusal;

  private Instant retryAt = Instant.MIN;

  CurationEmbedder(BlobConfig blobs, RegistryConfig registry, int batchSize, InstantSource clock) {
    this.stored = new StoredImageEmbedding(BlobStores.open(blobs), batchSize);
    this.registry = ModelRegistries.open(registry);
    this.clock = clock;
  }

  @Override
  public boolean followAlias() {
    if (clock.instant().isBefore(retryAt)) {
      return embedder != null;
    }
    try {
      Optional<ModelVersion> named = registry.resolve(ALIAS);
      if (named.isEmpty() && embedder == null) {
        throw new IllegalStateException("the registry has no alias 'curation'; " + REMEDY);
      }
      follow(named.orElseThrow(() -> new NoSuchElementException("the alias is gone; " + REMEDY)));
      refusal = null;
      retryAt = Instant.MIN;
    } catch (RegistryException
        | EmbeddingException
        | IllegalArgumentException
        | NoSuchElementException e) {
      retryAt = clock.instant().plus(RETRY);
      tell(e.getMessage());
    }
    return embedder != null;
  }

  /** Once, as long as it is the same. */
  private void tell(String why) {
    if (!why.equals(refusal)) {
      refusal = why;
      LOG.error(
          "the model of alias curation can't be used, {}; tried again every {} s: {}",
          version == null ? "images wait" : version + " goes on",
          RETRY.toSeconds(),
          why);
    }
  }

  private void follow(ModelVersion named) {
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
