package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryException;
import io.freshet.trainer.evaluate.FeatureSource;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.release.ReleasePublisher;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How good the model behind alias {@code curation} is on the evaluation sets; without the alias
 * that is the bundled bootstrap model. One thread at a time.
 */
final class CurationModel {
  private static final Logger LOG = LoggerFactory.getLogger(CurationModel.class);

  private final ModelRegistry registry;
  private final Baselines baselines;
  private final Set<String> sets;
  private final Function<ImageEmbedder, FeatureSource> features;
  private final int threads;

  /** Why it can't be had, as it was told last. */
  private String refusal;

  /**
   * @param sets names of the evaluation sets
   * @param threads of one call of the embedder
   */
  CurationModel(
      ModelRegistry registry,
      Baselines baselines,
      Set<String> sets,
      Function<ImageEmbedder, FeatureSource> features,
      int threads) {
    this.registry = registry;
    this.baselines = baselines;
    this.sets = sets;
    this.features = features;
    this.threads = threads;
  }

  /**
   * A measured curation model.
   *
   * @param model its name; empty when it can't be had
   * @param metrics under {@link Metrics#CURATION_TOP1}; none when it can't be had
   */
  record Measured(String model, Map<String, Double> metrics) {
    /** What the names of its metrics start with. */
    String prefix() {
      return Metrics.CURATION_TOP1;
    }

    /** Takes the place of the model that was measured before. */
    void replaceIn(Map<String, Double> baselines) {
      baselines.keySet().removeIf(name -> name.startsWith(prefix()));
      baselines.putAll(metrics);
    }
  }

  /**
   * What is to take the place of what was measured: the model that curates now, when it is another
   * or was not measured on these sets. While it can't be had, because it or the alias was altered,
   * nothing is known of it, and no release is better: the alias stays where it is.
   *
   * @param model the model that was measured
   * @param known whether that was on these sets
   */
  Optional<Measured> since(String model, boolean known) {
    try {
      String name = name();
      return name.equals(model) && known
          ? Optional.empty()
          : Optional.of(new Measured(name, measure()));
    } catch (RegistryException | EmbeddingException | IllegalArgumentException e) {
      if (!e.getMessage().equals(refusal)) {
        refusal = e.getMessage();
        LOG.error("no release is held against the model of alias curation: {}", refusal);
      }
      return Optional.of(new Measured("", Map.of()));
    }
  }

  /** The model that curates now. */
  private String name() {
    return target().map(ModelVersion::toString).orElse(EmbeddingSpace.BOOTSTRAP.id());
  }

  private Optional<ModelVersion> target() {
    return registry.resolve(ReleasePublisher.CURATION);
  }

  /**
   * Its accuracies, under {@link Metrics#CURATION_TOP1}; what its release knows is not measured.
   */
  private Map<String, Double> measure() {
    return target()
        .map(this::ofRelease)
        .orElseGet(() -> measure(ImageEmbedders.bootstrap(threads)));
  }

  private Map<String, Double> ofRelease(ModelVersion version) {
    Manifest manifest = registry.manifest(version);
    Map<String, Double> own = Metrics.under(Metrics.COMPARED_TOP1, manifest.metrics());
    if (own.keySet().equals(sets)) {
      return Metrics.named(Metrics.CURATION_TOP1, own);
    }
    EmbedderSpec spec = EmbedderSpec.fromMap(manifest.embedding());
    EmbeddingSpace space = spec.space(version.name(), version.version());
    return measure(ImageEmbedders.open(space, spec, registry.open(version), threads));
  }

  private Map<String, Double> measure(ImageEmbedder opened) {
    try (ImageEmbedder embedder = opened) {
      return baselines.curation(features.apply(embedder));
    }
  }
}
