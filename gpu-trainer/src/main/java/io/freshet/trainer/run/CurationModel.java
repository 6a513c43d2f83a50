package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.evaluate.FeatureSource;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.release.ReleasePublisher;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * How good the model behind alias {@code curation} is on the evaluation sets; without the alias
 * that is the bundled bootstrap model. Measured once, anew only when the alias moves.
 *
 * <p>Not thread-safe: one owner thread at a time.
 */
final class CurationModel {
  private final ModelRegistry registry;
  private final Baselines baselines;
  private final List<EvaluationSet> sets;
  private final Function<ImageEmbedder, FeatureSource> features;
  private final int threads;
  private Optional<String> measured = Optional.empty();
  private Map<String, Double> metrics = Map.of();

  /**
   * @param threads of one call of the embedder
   */
  CurationModel(
      ModelRegistry registry,
      Baselines baselines,
      List<EvaluationSet> sets,
      Function<ImageEmbedder, FeatureSource> features,
      int threads) {
    this.registry = registry;
    this.baselines = baselines;
    this.sets = sets;
    this.features = features;
    this.threads = threads;
  }

  /** Its accuracies, under {@link Metrics#CURATION_TOP1}. */
  Map<String, Double> metrics() {
    Optional<ModelVersion> target = registry.resolve(ReleasePublisher.CURATION);
    String name = target.map(ModelVersion::toString).orElse(EmbeddingSpace.BOOTSTRAP.id());
    if (!measured.equals(Optional.of(name))) {
      metrics =
          target.map(this::ofRelease).orElseGet(() -> measure(ImageEmbedders.bootstrap(threads)));
      measured = Optional.of(name);
    }
    return metrics;
  }

  private Map<String, Double> ofRelease(ModelVersion version) {
    Manifest manifest = registry.manifest(version);
    Map<String, Double> own = Metrics.under(Metrics.COMPARED_TOP1, manifest.metrics());
    TreeSet<String> wanted = new TreeSet<>(sets.stream().map(EvaluationSet::dataset).toList());
    if (own.keySet().equals(wanted)) {
      return Metrics.named(Metrics.CURATION_TOP1, own);
    }
    EmbedderSpec spec = EmbedderSpec.fromMap(manifest.embedding());
    EmbeddingSpace space =
        new EmbeddingSpace(version.name(), version.version(), spec.output(), "l2");
    return measure(ImageEmbedders.open(space, spec, registry.open(version), threads));
  }

  private Map<String, Double> measure(ImageEmbedder opened) {
    try (ImageEmbedder embedder = opened) {
      return new TreeMap<>(baselines.curation(features.apply(embedder)));
    }
  }
}
