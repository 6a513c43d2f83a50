package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.trainer.evaluate.FeatureSource;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.release.ReleasePublisher;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * How good the model behind alias {@code curation} is on the evaluation sets; without the alias
 * that is the bundled bootstrap model. One thread at a time.
 */
final class CurationModel {
  private final ModelRegistry registry;
  private final Baselines baselines;
  private final Set<String> sets;
  private final Function<ImageEmbedder, FeatureSource> features;
  private final int threads;

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
   * @param model its name
   * @param metrics under {@link Metrics#CURATION_TOP1}
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

  /** The model that curates now. */
  String name() {
    return target().map(ModelVersion::toString).orElse(EmbeddingSpace.BOOTSTRAP.id());
  }

  private Optional<ModelVersion> target() {
    return registry.resolve(ReleasePublisher.CURATION);
  }

  /**
   * Its accuracies, under {@link Metrics#CURATION_TOP1}; what its release knows is not measured.
   */
  Map<String, Double> measure() {
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
