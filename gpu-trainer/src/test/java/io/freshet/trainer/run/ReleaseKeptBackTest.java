package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.trainer.branch.CooldownConfig;
import io.freshet.trainer.branch.DistillationConfig;
import io.freshet.trainer.branch.FrozenReplay;
import io.freshet.trainer.branch.HighResolutionConfig;
import io.freshet.trainer.branch.ReleaseBranches;
import io.freshet.trainer.branch.StudentConfig;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.release.Lineage;
import io.freshet.trainer.release.MetricBounds;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.release.ReleaseExporter;
import io.freshet.trainer.release.ReleasePublisher;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.testing.NoiseReplay;
import io.freshet.trainer.testing.Recipes;
import io.freshet.trainer.testing.TinyRecipe;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a release back at its end, though it was begun. */
class ReleaseKeptBackTest {
  private static final TorchScriptLibrary SCRIPTS = TrainerScripts.load(TorchRuntime.start());
  private static final TrainingConfig RECIPE = TinyRecipe.of(Centering.SOFTMAX, true, 2);
  private static final DistillationConfig ALONE = new DistillationConfig(0, 1, List.of());
  private static final long STEP = 10;

  @TempDir private Path dir;
  private final StatusBoard board = new StatusBoard(ProgressListener.NONE);
  private final List<String> announced = new ArrayList<>();
  private NoiseReplay replay;
  private ModelRegistry registry;
  private volatile Optional<String> alarm = Optional.empty();

  @BeforeEach
  void open() {
    replay = new NoiseReplay(dir.resolve("blobs"));
    registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
  }

  @AfterEach
  void close() {
    replay.close();
  }

  private TrainerSettings settings(int cooldownSteps, DistillationConfig distillation)
      throws IOException {
    TrainerSettings defaults =
        TrainerSettings.of(Config.parse(Files.readString(Recipes.CONF.resolve("defaults.yaml"))));
    ReleaseConfig release =
        new ReleaseConfig(
            "freshet",
            STEP,
            STEP,
            new CooldownConfig(cooldownSteps),
            new HighResolutionConfig(0, 518, 98, 0.1),
            distillation,
            dir.resolve("staging"),
            new MetricBounds(
                Optional.of(0.02),
                Optional.of(0.03),
                Optional.of(0.03),
                Optional.of(0.03),
                Optional.of(0.5),
                Optional.empty()),
            true,
            "Apache-2.0",
            "Public domain",
            false,
            0,
            false);
    return new TrainerSettings(
        defaults.kafka(),
        defaults.blobs(),
        defaults.registry(),
        RECIPE,
        defaults.checkpoint(),
        replay.at(STEP, 1).config(),
        defaults.evaluation(),
        release,
        defaults.start(),
        defaults.watch(),
        defaults.run(),
        defaults.parallel());
  }

  private ReleasePipeline pipeline(TrainerSettings settings, BooleanSupplier stopping) {
    ReleaseConfig release = settings.release();
    FrozenReplay images = replay.at(STEP, 1);
    return new ReleasePipeline(
        settings,
        SCRIPTS,
        new ReleaseBranches(
            SCRIPTS,
            release.model(),
            RECIPE,
            TrainingSchedules.of(RECIPE.schedule(), RECIPE.batchImages()),
            release.cooldown(),
            release.highResolution(),
            release.distillation()),
        new Measuring(
            settings,
            SCRIPTS,
            SCRIPTS,
            new ModelMeasures(List.of(), settings.evaluation()),
            Set.of(),
            registry,
            images.images()),
        new ReleaseExporter(release, settings.evaluation().preprocessing(), Clock.systemUTC()),
        model ->
            new ReleasePublisher(
                registry,
                announcement -> announced.add(announcement.getName()),
                release,
                Clock.systemUTC()),
        registry,
        new Lineage(registry, Optional::empty, Clock.systemUTC()),
        images.images(),
        board,
        stopping,
        () -> alarm);
  }

  private CompositionState composition() {
    return new CompositionState(STEP, Map.of(), replay.at(STEP, 1).content(), List.of());
  }

  private ReleaseRequest request() {
    return request(STEP);
  }

  private ReleaseRequest request(long step) {
    return new ReleaseRequest(
        "run",
        1,
        Optional.empty(),
        trunk(step),
        composition(),
        Map.of(),
        EmbeddingSpace.BOOTSTRAP.id());
  }

  private static StepSnapshot trunk(long step) {
    try (TrainerState state = TrainerState.begin(SCRIPTS.runtime().newManager(), RECIPE, 5)) {
      return state.snapshot().at(step);
    }
  }

  /** Is asked between two steps of a branch, and a collapse shows then. */
  private boolean collapse() {
    alarm = Optional.of("rankme is 1.2");
    return false;
  }

  @Test
  void anAlarmThatIsRaisedDuringABranchKeepsItsModelBack() throws Exception {
    TrainerSettings settings = settings(2, ALONE);
    ReleasePipeline pipeline = pipeline(settings, this::collapse);
    ReleaseKeptBackException refusal =
        assertThrows(ReleaseKeptBackException.class, () -> pipeline.release(request()));
    assertEquals("freshet is not published: rankme is 1.2", refusal.getMessage());
    assertEquals(List.of(), registry.versions());
    assertEquals(List.of(), announced);

    alarm = Optional.empty();
    assertEquals(Optional.empty(), pipeline(settings, () -> false).release(request()));
    assertEquals(1, registry.versions().size());
    assertEquals(List.of("freshet"), announced);
  }

  @Test
  void aStudentThatIsNotFiniteKeepsItsTeacherBackToo() throws Exception {
    StudentConfig small = new StudentConfig("small", 16, 1, 2, Ffn.MLP);
    TrainerSettings settings = settings(0, new DistillationConfig(1, 1e60, List.of(small)));
    ReleasePipeline pipeline = pipeline(settings, () -> false);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> pipeline.release(request()));
    assertTrue(refusal.getMessage().contains("NaN or infinities"), refusal.getMessage());
    assertEquals(List.of(), registry.versions());
  }

  @Test
  void aReleaseThatAnAlarmKeptBackIsMadeFromTheNewestStateOnceTheAlarmIsOver() throws Exception {
    TrainerSettings settings = settings(2, ALONE);
    RunState run = RunState.of(Optional.empty(), 1, Clock.systemUTC());
    run.curationModel(EmbeddingSpace.BOOTSTRAP.id());
    BatchComposer composer =
        new BatchComposer(settings.replay(), 1, RECIPE.batchImages(), composition());
    boolean[] collapsing = {true};
    BooleanSupplier stopping = () -> collapsing[0] && collapse();
    try (ReleaseWorker worker = new ReleaseWorker(pipeline(settings, stopping), board)) {
      Releases releases = new Releases(settings, run, worker, registry, board, () -> alarm);
      releases.consider(STEP, new Standing(STEP), composer);
      releases.complete(STEP, new Standing(STEP), composer, () -> false);
      assertEquals(1, board.snapshot().releaseFailures());
      assertEquals(List.of(), registry.versions());

      // The alarm still stands.
      releases.consider(STEP + 1, new Standing(STEP + 1), composer);
      assertTrue(worker.idle());

      collapsing[0] = false;
      alarm = Optional.empty();
      releases.consider(STEP + 2, new Standing(STEP + 2), composer);
      releases.complete(STEP + 2, new Standing(STEP + 2), composer, () -> false);
      assertEquals(1, board.snapshot().releaseFailures());
      List<Manifest> made = registry.versions().stream().map(registry::manifest).toList();
      assertEquals(List.of(STEP + 2), made.stream().map(Manifest::step).toList());
    }
  }

  @Test
  void anAlteredReleaseOfTheRunIsNoParentAndHoldsUpNothing() throws Exception {
    TrainerSettings settings = settings(0, ALONE);
    ReleasePipeline pipeline = pipeline(settings, () -> false);
    assertEquals(Optional.empty(), pipeline.release(request()));
    Path manifest = dir.resolve("registry/models/freshet/versions/1/manifest.json");
    Files.delete(manifest);
    Files.writeString(manifest, "{}");

    ReleaseRequest later = request(2 * STEP);
    assertEquals(Optional.empty(), pipeline.release(later));
    assertEquals(List.of(), registry.manifest(new ModelVersion("freshet", 2)).parents());
    RunState run = RunState.of(Optional.empty(), 1, Clock.systemUTC());
    try (ReleaseWorker worker = new ReleaseWorker(pipeline, board)) {
      Releases releases = new Releases(settings, run, worker, registry, board, () -> alarm);
      assertEquals(STEP, releases.remaining(2 * STEP));
    }
  }

  /** A learner that is at a step and goes no further. */
  private record Standing(long step) implements Learner {
    @Override
    public StepSnapshot snapshot() {
      return trunk(step);
    }

    @Override
    public StepResult train(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
      throw new IllegalStateException("a release trains on a copy");
    }

    @Override
    public ProbeReading read(Probe probe, double teacherTemperature) {
      throw new IllegalStateException("a release looks at no probe");
    }

    @Override
    public void rollBack(StepSnapshot good) {
      throw new IllegalStateException("a release changes nothing of the run");
    }

    @Override
    public void close() {}
  }
}
