package io.freshet.sink.feature;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.ModelPublished;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the announced champion open and swaps it when another is asked for. One task thread. */
final class ChampionEmbedder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChampionEmbedder.class);

  private final ModelRegistry registry;
  private ModelVersion version;
  private ImageEmbedder embedder;

  ChampionEmbedder(RegistryConfig registry) {
    this.registry = ModelRegistries.open(registry);
  }

  /** The embedder of an announced model; valid until the next call. */
  ImageEmbedder of(ModelPublished model) {
    ModelVersion announced = new ModelVersion(model.getName(), model.getVersion());
    if (!announced.equals(version)) {
      EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(announced).embedding());
      ImageEmbedder next =
          ImageEmbedders.open(
              spec.space(announced.name(), announced.version()), spec, registry.open(announced));
      close();
      LOG.info("features are written in {} from now on", next.space().id());
      embedder = next;
      version = announced;
    }
    return embedder;
  }

  @Override
  public void close() {
    if (embedder != null) {
      embedder.close();
      embedder = null;
      version = null;
    }
  }
}
