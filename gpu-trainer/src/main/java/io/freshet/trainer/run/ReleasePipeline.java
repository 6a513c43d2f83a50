package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.trainer.branch.BranchStoppedException;
import io.freshet.trainer.branch.BranchedModel;
import io.freshet.trainer.branch.FrozenReplay;
import io.freshet.trainer.branch.ReleaseBranches;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.ReplayBuffer;
import io.freshet.trainer.evaluate.OnnxFeatures;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.evaluate.measure.Classification;
import io.freshet.trainer.release.Continuation;
import io.freshet.trainer.release.Judgement;
import io.freshet.trainer.release.Lineage;
import io.freshet.trainer.release.OnnxExport;
import io.freshet.trainer.release.QuantizedOnnx;
import io.freshet.trainer.release.ReleaseContent;
import io.freshet.trainer.release.ReleaseEvidence;
import io.freshet.trainer.release.ReleaseExporter;
import io.freshet.trainer.release.ReleasePublisher;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.StateDict;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a copied state to published models: branches, measures, files, publication. Nothing is
 * published before all models of the release are trained, found finite and measured, and nothing
 * while the collapse watch sounds an alarm: branches take long, and what the run has come to
 * meanwhile may have begun in the copied state.
 *
 * <p>Lives on the release thread; only {@link #stop} may be called from others.
 */
final class ReleasePipeline {
  private static final Logger LOG = LoggerFactory.getLogger(ReleasePipeline.class);

  private static final int MAX_INT8_IMAGES = 64;

  /** What EVALUATION images told of a model. */
  private record Evaluated(
      List<SetFeatures> features,
      Map<String, Double> metrics,
      Map<String, Classification> classifications,
      List<SpaceAdapter> adapters,
      Optional<QuantizedOnnx> quantized) {
    Evaluated with(Map<String, Double> more) {
      Map<String, Double> all = new TreeMap<>(metrics);
      all.putAll(more);
      return new Evaluated(features, all, classifications, adapters, quantized);
    }
  }

  private final TrainerSettings settings;
  private final TorchScriptLibrary library;
  private final ReleaseBranches branches;
  private final Measuring measuring;
  private final ReleaseExporter exporter;
  private final Publishers publishers;
  private final ModelRegistry registry;
  private final Lineage lineage;
  private final ImageLibrary images;
  private final StatusBoard board;
  private final BooleanSupplier stopping;
  private final SpaceAdapters spaceAdapters;
  private final Supplier<Optional<String>> alarm;
  private volatile boolean stopped;

  /** Who publishes which model. */
  @FunctionalInterface
  interface Publishers {
    ReleasePublisher of(String model);
  }

  /**
   * @param stopping asked between two steps of a branch and between two batches of a measurement
   * @param alarm why nothing of the run may be published now; asked right before each publication
   */
  ReleasePipeline(
      TrainerSettings settings,
      TorchScriptLibrary library,
      ReleaseBranches branches,
      Measuring measuring,
      ReleaseExporter exporter,
      Publishers publishers,
      ModelRegistry registry,
      Lineage lineage,
      ImageLibrary images,
      StatusBoard board,
      BooleanSupplier stopping,
      Supplier<Optional<String>> alarm) {
    this.settings = settings;
    this.library = library;
    this.branches = branches;
    this.measuring = measuring;
    this.exporter = exporter;
    this.publishers = publishers;
    this.registry = registry;
    this.lineage = lineage;
    this.images = images;
    this.board = board;
    this.stopping = stopping;
    this.alarm = alarm;
    this.spaceAdapters =
        new SpaceAdapters(
            registry, this::features, settings.release().adapters(), settings.run().seed());
  }

  /** Leaves the release in flight at the next opportunity. */
  void stop() {
    stopped = true;
  }

  /**
   * Makes and publishes a release.
   *
   * @return what was measured of a curation model that is new since the request's
   * @throws BranchStoppedException after {@link #stop}; nothing was published
   * @throws IllegalArgumentException when a model is not finite; nothing was published
   * @throws ReleaseKeptBackException while an alarm stands; it and what follows is not published
   */
  Optional<CurationModel.Measured> release(ReleaseRequest request)
      throws IOException, InterruptedException {
    ReleaseBranches.Models models =
        branches.make(request.snapshot(), replay(request), this::earlier, this::beforeStep);
    models.all().forEach(model -> ReleaseExporter.requireFinite(model.state()));
    board.releasing("evaluation");
    Optional<CurationModel.Measured> curation =
        measuring.curationSince(request.curationModel(), request.baselines());
    Map<String, Double> baselines = new TreeMap<>(request.baselines());
    curation.ifPresent(measured -> measured.replaceIn(baselines));
    Map<String, Evaluated> evaluated = new HashMap<>();
    long start = System.nanoTime();
    for (BranchedModel model : models.all()) {
      evaluated.put(model.model(), evaluate(model));
    }
    board.evaluated((System.nanoTime() - start) / 1e6);
    Evaluated teachers = evaluated.get(models.teacher().model()).with(baselines);

    Optional<ModelVersion> teacher =
        publish(request, models.teacher(), request.snapshot(), teachers, parents(request));
    for (BranchedModel student : models.students()) {
      if (teacher.isPresent()) {
        publish(
            request,
            student,
            student.state(),
            evaluated.get(student.model()),
            List.of(teacher.get()));
      }
    }
    exporter.clear();
    return curation;
  }

  private FrozenReplay replay(ReleaseRequest request) {
    return new FrozenReplay(
        settings.replay(),
        request.composition().buffer(),
        images,
        Augmentation::new,
        request.seed(),
        request.snapshot().step());
  }

  private void beforeStep(String branch, long step, long steps) {
    checkStopped(branch);
    board.releasing("%s, step %d of %d".formatted(branch, step + 1, steps));
  }

  private void checkStopped(String where) {
    if (stopped || stopping.getAsBoolean()) {
      throw new BranchStoppedException(where);
    }
  }

  /** A student goes on from its newest release, if that is the same model. */
  private Optional<StepSnapshot> earlier(String model, TrainingConfig recipe) {
    Optional<ModelVersion> newest = registry.newestIntact(model);
    try {
      return newest.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Continuation(library, recipe, settings.run().seed())
                  .read(registry.open(newest.get()))
                  .state());
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} begins anew, not from {}: {}", model, newest.orElseThrow(), e.getMessage());
      return Optional.empty();
    }
  }

  private List<SetFeatures> features(VisionTransformerConfig architecture, StateDict backbone) {
    return measuring.features(architecture, backbone, () -> checkStopped("evaluation"));
  }

  private Evaluated evaluate(BranchedModel model) {
    StateDict backbone = ReleaseExporter.teacherBackbone(model);
    List<SetFeatures> features = features(model.backbone(), backbone);
    Map<String, Double> metrics = measuring.metrics(features, () -> checkStopped("evaluation"));
    Optional<QuantizedOnnx> quantized =
        settings.release().int8() && !features.isEmpty()
            ? Optional.of(quantized(model.backbone(), backbone, features.get(0)))
            : Optional.empty();
    quantized.ifPresent(form -> metrics.putAll(form.metrics()));
    return new Evaluated(
        features,
        metrics,
        measuring.classifications(features, () -> checkStopped("evaluation")),
        spaceAdapters.fit(model.model(), exporter.embedding(), features),
        quantized);
  }

  /** The eight-bit form, held against the first bank images of a set. */
  private QuantizedOnnx quantized(
      VisionTransformerConfig architecture, StateDict backbone, SetFeatures whole) {
    byte[] form = OnnxExport.exportInt8(architecture, backbone).toByteArray();
    int images = Math.min(MAX_INT8_IMAGES, whole.bank().length);
    try (OnnxFeatures runtime =
        new OnnxFeatures(form, settings.evaluation(), () -> checkStopped("evaluation"))) {
      float[][] features = runtime.features(whole.set().bank().subList(0, images));
      return QuantizedOnnx.measured(form, Arrays.copyOf(whole.bank(), images), features);
    }
  }

  private ReleaseContent content(
      ReleaseRequest request,
      BranchedModel model,
      StepSnapshot trainingState,
      Evaluated evaluated,
      Optional<Judgement> judgement,
      List<ModelVersion> parents) {
    return new ReleaseContent(
        request.runId(),
        model,
        trainingState,
        request.snapshot().step(),
        StepLedger.topicOffsets(settings.kafka(), request.composition().offsets()),
        evaluated.metrics(),
        parents,
        ReplayBuffer.restore(settings.replay(), request.seed(), request.composition().buffer())
            .imagesByDataset(),
        evaluated.adapters(),
        evaluated.quantized(),
        new ReleaseEvidence(
            judgement,
            evaluated.classifications(),
            lineage.versions(model.model(), evaluated.metrics()),
            lineage.funnel()));
  }

  private Optional<ModelVersion> publish(
      ReleaseRequest request,
      BranchedModel model,
      StepSnapshot trainingState,
      Evaluated evaluated,
      List<ModelVersion> parents)
      throws IOException {
    board.releasing("publication of " + model.model());
    ReleasePublisher publisher = publishers.of(model.model());
    keepBackAtAnAlarm(model);
    Optional<Judgement> judgement =
        publisher.judge(evaluated.metrics(), measuring.registered(), alarm.get());
    judgement.ifPresent(
        it -> LOG.info("{} of step {}: {}", model.model(), request.snapshot().step(), it));
    Evaluated judged = evaluated.with(judgement.map(Judgement::evidence).orElse(Map.of()));
    ReleaseExporter.Staged staged =
        exporter.stage(content(request, model, trainingState, judged, judgement, parents));
    keepBackAtAnAlarm(model);
    Optional<Manifest> published = publisher.publish(staged.dir(), staged.release());
    published.map(ReleaseSummary::of).ifPresent(board::released);
    published.ifPresent(manifest -> spaceAdapters.remember(manifest.id(), evaluated.features()));
    return published.map(Manifest::id);
  }

  private void keepBackAtAnAlarm(BranchedModel model) {
    Optional<String> standing = alarm.get();
    if (standing.isPresent()) {
      throw new ReleaseKeptBackException(model.model(), standing.get());
    }
  }

  /** The run's release before, or what the run went on from. */
  private List<ModelVersion> parents(ReleaseRequest request) {
    return registry.intactManifests(settings.release().model()).stream()
        .filter(manifest -> manifest.runId().equals(request.runId()))
        .map(Manifest::id)
        .max(ModelVersion::compareTo)
        .or(request::origin)
        .stream()
        .toList();
  }
}
