package io.freshet.sink.feature;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.RegistryException;
import io.freshet.schemas.ModelPublished;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the champion open and swaps it when another is asked for. While that one can't be had,
 * because it was altered or the registry can't be reached, the open one stays, or there is none: a
 * job that failed instead would erase no withdrawn feature until somebody came. It is tried again
 * every {@link #RETRY}, since a trial reads the whole release. One task thread.
 */
final class ChampionEmbedder implements AutoCloseable {
  static final String ALIAS = "champion";
  static final Duration RETRY = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(ChampionEmbedder.class);

  private final ModelRegistry registry;
  private final Counter refusals;
  private ModelVersion version;
  private ImageEmbedder embedder;

  /** What could not be had, and when to try again. */
  private String refused;

  private long retryAtMillis;

  /**
   * @param refusals counts the trials that failed
   */
  ChampionEmbedder(RegistryConfig registry, Counter refusals) {
    this.registry = ModelRegistries.open(registry);
    this.refusals = refusals;
  }

  /**
   * The embedder of an announced model, or the open one while that can't be had; valid until the
   * next call. A release that was removed since is no champion any more: then the alias counts.
   *
   * @param nowMillis of a clock that doesn't go back
   */
  Optional<ImageEmbedder> of(ModelPublished model, long nowMillis) {
    ModelVersion announced = new ModelVersion(model.getName(), model.getVersion());
    if (announced.equals(version)) {
      return Optional.of(embedder);
    }
    String sha256 = HexFormat.of().formatHex(model.getManifestSha256().bytes());
    return orStay(
        "%s with the manifest %s".formatted(announced, sha256),
        nowMillis,
        () -> {
          if (registry.resolve(announced.toString()).isEmpty()) {
            LOG.warn("{} was announced and is gone; the registry's champion is taken", announced);
            return behindAlias();
          }
          return Optional.of(swap(announced, registry.open(announced, sha256)));
        });
  }

  /**
   * The embedder behind the registry's alias, or the open one while that can't be had; valid until
   * the next call.
   *
   * @param nowMillis of a clock that doesn't go back
   */
  Optional<ImageEmbedder> ofAlias(long nowMillis) {
    return orStay("the registry's champion", nowMillis, this::behindAlias);
  }

  private Optional<ImageEmbedder> behindAlias() {
    return registry
        .resolve(ALIAS)
        .map(target -> target.equals(version) ? embedder : swap(target, registry.open(target)));
  }

  private Optional<ImageEmbedder> orStay(
      String wanted, long nowMillis, Supplier<Optional<ImageEmbedder>> opening) {
    if (wanted.equals(refused) && nowMillis < retryAtMillis) {
      return Optional.ofNullable(embedder);
    }
    try {
      Optional<ImageEmbedder> opened = opening.get();
      refused = null;
      return opened;
    } catch (RegistryException | EmbeddingException | IllegalArgumentException e) {
      refused = wanted;
      retryAtMillis = nowMillis + RETRY.toMillis();
      refusals.inc();
      LOG.error(
          "{} can't be used, {}; tried again in {} s: {}",
          wanted,
          version == null ? "images wait" : version + " goes on",
          RETRY.toSeconds(),
          e.getMessage());
      return Optional.ofNullable(embedder);
    }
  }

  /**
   * Whether the open embedder is of this release.
   *
   * @param model {@code name@version}
   */
  boolean isOf(String model) {
    return version != null && version.toString().equals(model);
  }

  private ImageEmbedder swap(ModelVersion target, Path release) {
    EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(target).embedding());
    ImageEmbedder next =
        ImageEmbedders.open(spec.space(target.name(), target.version()), spec, release);
    close();
    LOG.info("features are written in {} from now on", next.space().id());
    embedder = next;
    version = target;
    return next;
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
