package io.freshet.trainer.run;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.schemas.SeedImage;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.checkpoint.TensorFile;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.evaluate.BackboneFeatures;
import io.freshet.trainer.evaluate.EmbedderFeatures;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.evaluate.EvaluationSets;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.evaluate.geometry.FeatureGeometry;
import io.freshet.trainer.evaluate.measure.Classification;
import io.freshet.trainer.evaluate.measure.SetProbes;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.run.TrainerStatus.Phase;
import io.freshet.trainer.step.InitialParameters;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evaluation sets and what is measured on them. The training thread measures the baselines
 * before its first step; from then on it belongs to the release thread.
 */
final class Measuring {
  private static final Logger LOG = LoggerFactory.getLogger(Measuring.class);
  private static final long POLL_MILLIS = 500;

  private final TrainerSettings settings;
  private final TorchScriptLibrary library;
  private final TorchScriptLibrary probes;
  private final ModelMeasures measures;
  private final Set<String> registered;
  private final Baselines baselines;
  private final CurationModel curation;

  /**
   * @param probes the scripts that work on features; stay the caller's, as {@code library} does
   * @param measures of the sets that could be loaded
   * @param registered names of the sets that are registered, loaded or not
   */
  Measuring(
      TrainerSettings settings,
      TorchScriptLibrary library,
      TorchScriptLibrary probes,
      ModelMeasures measures,
      Set<String> registered,
      ModelRegistry registry,
      ImageLibrary images) {
    this.settings = settings;
    this.library = library;
    this.probes = probes;
    this.measures = measures;
    this.registered = Set.copyOf(registered);
    this.baselines = new Baselines(measures);
    EvaluationConfig config = settings.evaluation();
    this.curation =
        new CurationModel(
            registry,
            baselines,
            names(),
            embedder -> new EmbedderFeatures(embedder, images, config.batchImages()),
            settings.run().torchThreads());
  }

  /** Loads the sets, once they are registered if they are required. */
  static Measuring await(
      TrainerSettings settings,
      TorchScriptLibrary library,
      TorchScriptLibrary probes,
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
    Set<String> registered = seeds.stream().map(SeedImage::getDataset).collect(Collectors.toSet());
    return new Measuring(settings, library, probes, measures, registered, registry, images);
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

  /** Names of the sets that were registered at the start, loaded or not. */
  Set<String> registered() {
    return registered;
  }

  private Set<String> names() {
    return new TreeSet<>(measures.sets().stream().map(EvaluationSet::dataset).toList());
  }

  /**
   * Measures raw pixels, the untrained network and the curation model where the run doesn't know
   * them yet on these sets.
   */
  void baselines(RunState run) {
    if (!known(Metrics.UNTRAINED_TOP1, run.baselines())) {
      run.measured(Metrics.RAW_PIXELS_TOP1, baselines.rawPixels());
      run.measured(Metrics.CENTRED_PIXELS_TOP1, baselines.centredPixels());
      run.measured(
          Metrics.UNTRAINED_TOP1,
          baselines.untrained(features(settings.recipe().backbone(), untrained(run), () -> {})));
    }
    curationSince(run.curationModel(), run.baselines())
        .ifPresent(
            measured -> {
              run.measured(measured.prefix(), measured.metrics());
              run.curationModel(measured.model());
            });
    LOG.info("baselines: {}", run.baselines());
  }

  private boolean known(String prefix, Map<String, Double> measured) {
    return Metrics.under(prefix, measured).keySet().equals(names());
  }

  /** The backbone before its first step; it is a function of the seed. */
  private StateDict untrained(RunState run) {
    Map<String, StateTensor> initial = InitialParameters.draw(settings.recipe(), run.seed());
    return TensorFile.stateDict(initial).under("backbone.");
  }

  /**
   * Measures the model that curates now when it is another than {@code model}, or isn't among
   * {@code measured}.
   */
  Optional<CurationModel.Measured> curationSince(String model, Map<String, Double> measured) {
    return curation.since(model, known(Metrics.CURATION_TOP1, measured));
  }

  /**
   * What is measured of a release from its features, by the names of {@link Metrics}.
   *
   * @param watch is run again and again; what it throws ends the measurement
   */
  Map<String, Double> metrics(List<SetFeatures> features, Runnable watch) {
    SetProbes probed = probes(watch);
    Map<String, Map<String, Double>> families = new LinkedHashMap<>();
    families.put(Metrics.KNN_TOP1, measures.top1(features));
    families.put(Metrics.COMPARED_TOP1, measures.comparedTop1(features));
    families.put(Metrics.RANKME, measures.rankme(features, new FeatureGeometry(library)));
    long start = System.nanoTime();
    families.put(Metrics.UNIFORMITY, probed.uniformity(features));
    families.put(Metrics.RETRIEVAL_MAP, probed.retrievalMap(features));
    long retrieved = System.nanoTime();
    families.put(Metrics.LINEAR_TOP1, probed.linearTop1(features));
    long linear = System.nanoTime();
    families.put(Metrics.LOGREG_TOP1, probed.logregTop1(features));
    LOG.info(
        "retrieval took {} ms, the linear probe {}, logistic regression {}",
        (retrieved - start) / 1_000_000,
        (linear - retrieved) / 1_000_000,
        (System.nanoTime() - linear) / 1_000_000);
    Map<String, Double> metrics = new TreeMap<>();
    families.forEach((prefix, bySet) -> metrics.putAll(Metrics.named(prefix, bySet)));
    return metrics;
  }

  /**
   * How k-NN takes the queries for classes, by set.
   *
   * @param watch is run again and again; what it throws ends the measurement
   */
  Map<String, Classification> classifications(List<SetFeatures> features, Runnable watch) {
    EvaluationConfig config = settings.evaluation();
    return probes(watch).classifications(features, config.neighbours(), config.temperature());
  }

  private SetProbes probes(Runnable watch) {
    return new SetProbes(probes, settings.evaluation().probes(), settings.run().seed(), watch);
  }

  /**
   * What a backbone makes of all sets.
   *
   * @param watch is run before each batch; what it throws ends the measurement
   */
  List<SetFeatures> features(
      VisionTransformerConfig architecture, StateDict backbone, Runnable watch) {
    try (VisionTransformer model = VisionTransformer.of(library, architecture, backbone)) {
      return measures.features(new BackboneFeatures(model, settings.evaluation(), watch));
    }
  }
}
