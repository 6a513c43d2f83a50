package io.freshet.trainer.run;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.schemas.SeedImage;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.evaluate.BackboneFeatures;
import io.freshet.trainer.evaluate.EmbedderFeatures;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.EvaluationSets;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.run.TrainerStatus.Phase;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.StateDict;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evaluation sets and what is measured on them. Features are computed on the training thread,
 * for two threads in libtorch would only slow each other down.
 */
final class Measuring {
  private static final Logger LOG = LoggerFactory.getLogger(Measuring.class);
  private static final long POLL_MILLIS = 500;

  private final TrainerSettings settings;
  private final TorchScriptLibrary library;
  private final ModelMeasures measures;
  private final Baselines baselines;
  private final CurationModel curation;

  private Measuring(
      TrainerSettings settings,
      TorchScriptLibrary library,
      ModelMeasures measures,
      ModelRegistry registry,
      ImageLibrary images) {
    this.settings = settings;
    this.library = library;
    this.measures = measures;
    this.baselines = new Baselines(measures);
    EvaluationConfig config = settings.evaluation();
    this.curation =
        new CurationModel(
            registry,
            baselines,
            measures.sets(),
            embedder -> new EmbedderFeatures(embedder, images, config.batchImages()),
            settings.run().torchThreads());
  }

  /** Loads the sets, once they are registered if they are required. */
  static Measuring await(
      TrainerSettings settings,
      TorchScriptLibrary library,
      ModelRegistry registry,
      ImageLibrary images,
      StatusBoard board,
      BooleanSupplier stopping)
      throws InterruptedException {
    List<SeedImage> seeds = List.of();
    if (settings.evaluation().required()) {
      board.enter(Phase.AWAITING_EVALUATION_SEEDS, "freshet seeds add --role EVALUATION");
      seeds = settled(settings.kafka(), settings.evaluation(), stopping);
    } else {
      seeds = EvaluationSets.registered(settings.kafka());
    }
    EvaluationSets sets = new EvaluationSets(images, settings.evaluation(), settings.run().seed());
    ModelMeasures measures = new ModelMeasures(sets.load(seeds), settings.evaluation());
    return new Measuring(settings, library, measures, registry, images);
  }

  /** Waits until there are seeds and none was added for the configured time. */
  private static List<SeedImage> settled(
      KafkaConfig kafka, EvaluationConfig config, BooleanSupplier stopping)
      throws InterruptedException {
    List<SeedImage> seeds = EvaluationSets.registered(kafka);
    long quietSince = System.nanoTime();
    while (!stopping.getAsBoolean()) {
      boolean quiet = System.nanoTime() - quietSince >= config.settle().toNanos();
      if (quiet && !seeds.isEmpty()) {
        return seeds;
      }
      Thread.sleep(POLL_MILLIS);
      List<SeedImage> now = EvaluationSets.registered(kafka);
      if (now.size() != seeds.size()) {
        quietSince = System.nanoTime();
      }
      seeds = now;
    }
    return List.of();
  }

  ModelMeasures measures() {
    return measures;
  }

  /** Raw pixels, the untrained backbone and the curation model. */
  Map<String, Double> baselines(StateDict untrained) {
    Map<String, Double> metrics = new TreeMap<>(baselines.rawPixels());
    metrics.putAll(Metrics.named(Metrics.UNTRAINED_TOP1, measures.top1(features(untrained))));
    LOG.info("baselines: {}", metrics);
    return metrics;
  }

  /** How good the curation model is now. */
  Map<String, Double> curation() {
    return curation.metrics();
  }

  /** What a backbone makes of all sets. */
  List<SetFeatures> features(StateDict backbone) {
    VisionTransformerConfig architecture = settings.recipe().backbone();
    try (VisionTransformer model = VisionTransformer.of(library, architecture, backbone)) {
      return measures.features(new BackboneFeatures(model, settings.evaluation()));
    }
  }
}
