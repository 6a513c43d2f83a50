package io.freshet.sink.feature;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.ModelPublished;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the champion open and swaps it when another is asked for. One task thread. */
final class ChampionEmbedder implements AutoCloseable {
  static final String ALIAS = "champion";

  private static final Logger LOG = LoggerFactory.getLogger(ChampionEmbedder.class);

  private final ModelRegistry registry;
  private ModelVersion version;
  private ImageEmbedder embedder;

  ChampionEmbedder(RegistryConfig registry) {
    this.registry = ModelRegistries.open(registry);
  }

  /**
   * The embedder of an announced model; valid until the next call. A release that was removed since
   * is no champion any more: then the alias counts.
   */
  Optional<ImageEmbedder> of(ModelPublished model) {
    ModelVersion announced = new ModelVersion(model.getName(), model.getVersion());
    if (!announced.equals(version)) {
      if (registry.resolve(announced.toString()).isEmpty()) {
        LOG.warn("{} was announced and is gone; the registry's champion is taken", announced);
        return ofAlias();
      }
      String sha256 = HexFormat.of().formatHex(model.getManifestSha256().bytes());
      swap(announced, registry.open(announced, sha256));
    }
    return Optional.of(embedder);
  }

  /** The embedder behind the registry's alias; valid until the next call. */
  Optional<ImageEmbedder> ofAlias() {
    return registry
        .resolve(ALIAS)
        .map(
            target -> {
              if (!target.equals(version)) {
                swap(target, registry.open(target));
              }
              return embedder;
            });
  }

  /**
   * Whether the embedder that was asked for last is of this release.
   *
   * @param model {@code name@version}
   */
  boolean isOf(String model) {
    return version != null && version.toString().equals(model);
  }

  private void swap(ModelVersion target, Path release) {
    EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(target).embedding());
    ImageEmbedder next =
        ImageEmbedders.open(spec.space(target.name(), target.version()), spec, release);
    close();
    LOG.info("features are written in {} from now on", next.space().id());
    embedder = next;
    version = target;
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
