package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import io.freshet.trainer.checkpoint.CheckpointConfig;
import io.freshet.trainer.checkpoint.CheckpointDirectory;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.run.TrainerStatus.Phase;
import io.freshet.trainer.testing.TinyTrainer;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The trainer against a real broker, blob store and registry, on squares of real photographs. */
class TrainerRoleIT {
  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @TempDir private Path dir;

  @Test
  void trainsReleasesStopsAndGoesOnWhereItWas() throws Exception {
    Config config = config("resume-").with("trainer.run.max_steps", "0");
    CuratedPhotos photos = new CuratedPhotos(config);
    photos.registerEvaluation(4, 5, 3);
    photos.curate(0, 24);

    photos.closeWindow(1_000, 32, 24);
    TrainerRole first = new TrainerRole(config, ProgressListener.NONE);
    TrainerStatus stopped =
        runUntil(first, status -> status.step() >= 10 && !status.releases().isEmpty());
    assertEquals(Phase.STOPPED, stopped.phase());
    assertEquals(24, stopped.bufferedImages());
    assertEquals(4 * stopped.step(), stopped.imagesSeen());
    assertEquals(stopped.step(), stopped.checkpointStep());
    assertTrue(stopped.lossFirst().isPresent() && stopped.lossLast().isPresent());
    assertTrue(stopped.knnUntrained().containsKey("photos"), stopped.toString());
    assertTrue(stopped.knnRawPixels().containsKey("photos"), stopped.toString());
    assertTrue(stopped.knnCuration().containsKey("photos"), stopped.toString());

    photos.curate(24, 32);
    TrainerRole second = new TrainerRole(config, ProgressListener.NONE);
    long goal = stopped.step() + 6;
    TrainerStatus resumed =
        runUntil(second, status -> status.step() >= goal && status.bufferedImages() == 32);
    assertEquals(stopped.runId(), resumed.runId());
    assertEquals(stopped.knnUntrained(), resumed.knnUntrained());
    assertEquals(stopped.lossFirst(), resumed.lossFirst());

    List<TrainingStep> ledger = ledger(config, stopped.runId());
    assertEquals(
        LongStream.range(0, resumed.step()).boxed().toList(),
        ledger.stream().map(TrainingStep::getStep).toList());
    assertEquals(4 * resumed.step(), ledger.get(ledger.size() - 1).getImagesSeen());
    assertEquals(32, consumed(ledger.get(ledger.size() - 1)));
    assertEquals(Optional.empty(), resumed.collapseAlarm());
    for (TrainingStep entry : ledger) {
      assertTrue(entry.getCollapse().containsKey("koleo_coincidences"), entry.toString());
      assertEquals(
          entry.getStep() % 5 == 4, entry.getCollapse().containsKey("rankme"), entry.toString());
    }
    for (int i = 1; i < ledger.size(); i++) {
      assertTrue(consumed(ledger.get(i - 1)) <= consumed(ledger.get(i)), "offsets go forward");
    }
    verifyRelease(config, stopped.releases().get(0), photos);
  }

  @Test
  void aRunThatLostItsNewestCheckpointsTrainsTheSameStepsAgainBitForBit() throws Exception {
    Config config = config("again-").with("trainer.run.max_steps", "12");
    CuratedPhotos photos = new CuratedPhotos(config);
    photos.registerEvaluation(4, 5, 3);
    photos.curate(0, 16);
    // Records that come while training runs are taken in at steps that only the ledger knows.
    ProgressListener feeding =
        new ProgressListener() {
          @Override
          public void onStep(StepProgress progress) {
            int from = 16 + (int) progress.step() - 1;
            photos.curate(from, from + 1);
          }
        };
    runToItsEnd(new TrainerRole(config, feeding));

    List<Path> checkpoints = checkpoints("again-");
    assertTrue(checkpoints.size() >= 3, checkpoints.toString());
    Path oldest = checkpoints.get(0);
    assertFalse(oldest.getFileName().toString().startsWith("step-000000000012"));
    for (Path newer : checkpoints.subList(1, checkpoints.size())) {
      Files.delete(newer);
    }
    runToItsEnd(new TrainerRole(config, ProgressListener.NONE));

    Map<Long, TrainingStep> before = new HashMap<>();
    List<Long> again = new ArrayList<>();
    new TopicReader<>(config.section("kafka", KafkaConfig.class), Topics.TRAINING_STEP)
        .forEach(
            message -> {
              TrainingStep step = message.value();
              TrainingStep earlier = before.putIfAbsent(step.getStep(), step);
              if (earlier != null) {
                again.add(step.getStep());
                assertEquals(earlier.getOffsets(), step.getOffsets(), "step " + step.getStep());
                assertEquals(earlier.getLosses(), step.getLosses(), "step " + step.getStep());
                assertEquals(earlier.getGradNorm(), step.getGradNorm(), "step " + step.getStep());
              }
            });
    assertEquals(12, before.size());
    assertTrue(again.size() >= 4, "steps trained again: " + again);
  }

  @Test
  void branchesBesideTheTrunkChangeNoneOfItsBits() throws Exception {
    Config plain = curated(config("plain-"));
    Config branched =
        curated(
            config("branched-")
                .with("trainer.release.cooldown.steps", "3")
                .with("trainer.release.high_resolution.steps", "2")
                .with("trainer.release.high_resolution.global_size", "96")
                .with("trainer.release.high_resolution.local_size", "32")
                .with("trainer.release.distillation.steps", "2")
                .with(
                    "trainer.release.distillation.students",
                    "[{model: small, embed_dim: 24, depth: 1, heads: 3, ffn: mlp}]"));
    runToItsEnd(new TrainerRole(plain, ProgressListener.NONE));
    TrainerRole role = new TrainerRole(branched, ProgressListener.NONE);
    runToItsEnd(role);
    assertEquals(tensors(plain), tensors(branched));

    TrainerStatus status = role.status();
    assertEquals(0, status.releaseFailures());
    assertEquals("", status.releasing());
    assertTrue(status.releaseStallMillis() > 0 && status.checkpointStallMillis() > 0);
    ModelRegistry registry = registryOf(branched);
    ModelVersion newest = registry.newestIntact("freshet").orElseThrow();
    assertEquals(12, registry.manifest(newest).step());
    assertEquals(96, registry.manifest(newest).imageSize());
    Manifest student = registry.manifest(registry.newestIntact("small").orElseThrow());
    assertEquals(List.of(newest), student.parents());
    assertEquals(12, student.step());
    assertEquals(24, student.dim());
    assertTrue(student.metrics().containsKey("knn_top1/photos"), student.metrics().toString());
    assertEquals(newest, registry.resolve("candidate").orElseThrow());
  }

  @Test
  void aNewRunGoesOnFromAReleaseAndNamesItAsItsParent() throws Exception {
    Config first = curated(config("from-"));
    runToItsEnd(new TrainerRole(first, ProgressListener.NONE));
    ModelRegistry registry = registryOf(first);
    ModelVersion parent = registry.newestIntact("freshet").orElseThrow();

    Config second =
        first
            .with("trainer.checkpoint.dir", dir.resolve("second").toString())
            .with("trainer.start.from", "latest");
    runToItsEnd(new TrainerRole(second, ProgressListener.NONE));
    List<Manifest> own =
        registry.versions().stream()
            .map(registry::manifest)
            .filter(manifest -> manifest.version() > parent.version())
            .toList();
    assertNotEquals(registry.manifest(parent).runId(), own.get(0).runId());
    assertEquals(List.of(parent), own.get(0).parents());

    // The same command again goes on with the run; another release would be another run.
    runToItsEnd(new TrainerRole(second, ProgressListener.NONE));
    TrainerRole other =
        new TrainerRole(second.with("trainer.start.from", "freshet@1"), ProgressListener.NONE);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, other::run);
    assertTrue(
        refusal.getMessage().contains("from latest, not from freshet@1"), refusal.getMessage());
  }

  @Test
  void aBranchThatIsNotFiniteIsNotReleasedAndTheRunGoesOn() throws Exception {
    Config config =
        curated(
            config("broken-")
                .with("trainer.release.high_resolution.steps", "6")
                .with("trainer.release.high_resolution.global_size", "64")
                .with("trainer.release.high_resolution.local_size", "32")
                .with("trainer.release.high_resolution.learning_rate_factor", "1.0e30"));
    TrainerRole role = new TrainerRole(config, ProgressListener.NONE);
    runToItsEnd(role);
    assertTrue(role.status().releaseFailures() >= 1, role.status().toString());
    assertEquals(List.of(), role.status().releases());
  }

  @Test
  void aStopLeavesABranchAndTheNextStartMakesUpForItsRelease() throws Exception {
    Config config = curated(config("stopped-")).with("trainer.run.max_steps", "0");
    TrainerRole endless =
        new TrainerRole(
            config.with("trainer.release.cooldown.steps", "1000000"), ProgressListener.NONE);
    // Two more releases become due while the first is in flight: the trunk waits for none.
    TrainerStatus stopped = runUntil(endless, status -> status.step() >= 20);
    assertEquals(Phase.STOPPED, stopped.phase());
    assertEquals(List.of(), stopped.releases());
    assertEquals(0, stopped.releaseFailures());

    TrainerRole next = new TrainerRole(config, ProgressListener.NONE);
    TrainerStatus after = runUntil(next, status -> !status.releases().isEmpty());
    assertEquals(stopped.runId(), after.runId());
    assertEquals(stopped.step(), after.releases().get(0).step());
  }

  /** Registers evaluation sets and hands over all images before the first step. */
  private static Config curated(Config config) throws Exception {
    CuratedPhotos photos = new CuratedPhotos(config);
    photos.registerEvaluation(4, 5, 3);
    photos.curate(0, 24);
    return config.with("trainer.run.max_steps", "12").with("trainer.replay.min_images", "24");
  }

  private static Map<String, StateTensor> tensors(Config config) {
    CheckpointConfig checkpoint = config.section("trainer.checkpoint", CheckpointConfig.class);
    return new CheckpointDirectory(checkpoint.dir(), checkpoint.retained())
        .newest()
        .orElseThrow()
        .tensors();
  }

  private void verifyRelease(Config config, ReleaseSummary release, CuratedPhotos photos)
      throws IOException {
    ModelRegistry registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    ModelVersion version = new ModelVersion("freshet", release.version());
    Path files = registry.open(version);
    for (String name :
        new String[] {
          "model.safetensors",
          "config.json",
          "preprocessor_config.json",
          "onnx/model.onnx",
          "onnx/model_quantized.onnx",
          "training_state/student.safetensors",
          "training_state/teacher.safetensors",
          "training_state/optimizer.safetensors",
          "MODEL_CARD.md"
        }) {
      assertTrue(Files.size(files.resolve(name)) > 0, name);
    }
    String card = Files.readString(files.resolve("MODEL_CARD.md"));
    for (String part :
        new String[] {
          "Fit to become champion: there was no champion",
          "| unique images seen in them | 1,000 |",
          "| photos | 32 | 24 |",
          "(plots/versions.svg)",
          "(plots/confusions-photos.svg)",
          "(plots/precision-recall-photos.svg)"
        }) {
      assertTrue(card.contains(part), () -> part + " is missing in:\n" + card);
    }
    assertTrue(registry.manifest(version).files().containsKey("plots/precision-recall-photos.svg"));
    assertTrue(registry.resolve("candidate").isPresent());
    assertTrue(registry.resolve("champion").isPresent());
    ModelPublished announced =
        new TopicReader<>(config.section("kafka", KafkaConfig.class), Topics.MODEL_PUBLISHED)
            .readAll().stream()
                .filter(announcement -> announcement.getVersion() == release.version())
                .findFirst()
                .orElseThrow();
    assertEquals(release.step(), announced.getStep());
    assertEquals(release.knnTop1().get("photos"), announced.getMetrics().get("knn_top1/photos"));
    assertFalse(announced.getOffsets().isEmpty());

    Map<String, Double> metrics = registry.manifest(version).metrics();
    assertTrue(metrics.get("int8/cosine_min") > 0.9);
    for (String family :
        new String[] {
          "knn_top1", "linear_top1", "logreg_top1", "retrieval_map", "rankme", "uniformity"
        }) {
      assertTrue(metrics.containsKey(family + "/photos"), () -> family + " in " + metrics);
    }
    EmbedderSpec vit = EmbedderSpec.fromMap(registry.manifest(version).embedding());
    EmbedderSpec onnx =
        new EmbedderSpec(
            EmbedderSpec.Kind.ONNX, "onnx/model.onnx", "pooler_output", vit.preprocessing());
    EmbeddingSpace space = new EmbeddingSpace("freshet", release.version(), "cls", "l2");
    List<RgbImage> images = photos.images().subList(0, 5);
    try (ImageEmbedder torch = ImageEmbedders.open(space, vit, files);
        ImageEmbedder runtime = ImageEmbedders.open(space, onnx, files)) {
      float[][] expected = torch.embed(images);
      float[][] actual = runtime.embed(images);
      for (int i = 0; i < expected.length; i++) {
        double cosine = 0;
        for (int d = 0; d < expected[i].length; d++) {
          cosine += (double) expected[i][d] * actual[i][d];
        }
        assertTrue(cosine >= 0.9999, "cosine of image " + i + " is " + cosine);
      }
    }
  }

  /** Runs a role on its own thread until a condition holds, then stops it. */
  private static TrainerStatus runUntil(TrainerRole role, Predicate<TrainerStatus> reached)
      throws InterruptedException {
    Thread thread = start(role);
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    while (thread.isAlive() && !reached.test(role.status())) {
      assertTrue(System.nanoTime() < deadline, () -> "not reached: " + role.status());
      Thread.sleep(20);
    }
    role.requestStop();
    thread.join();
    return role.status();
  }

  private static void runToItsEnd(TrainerRole role) throws InterruptedException {
    Thread thread = start(role);
    thread.join(2 * FreshetCluster.PATIENCE.toMillis());
    role.requestStop();
    thread.join();
    assertEquals(Phase.STOPPED, role.status().phase(), role.status().toString());
    assertEquals(12, role.status().step());
  }

  private static Thread start(TrainerRole role) {
    Thread thread =
        new Thread(
            () -> {
              try {
                role.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "trainer-under-test");
    thread.start();
    return thread;
  }

  private static List<TrainingStep> ledger(Config config, String runId) {
    return new TopicReader<>(config.section("kafka", KafkaConfig.class), Topics.TRAINING_STEP)
        .readAll().stream()
            .filter(step -> step.getRunId().equals(runId))
            .sorted(Comparator.comparingLong(TrainingStep::getStep))
            .toList();
  }

  private static long consumed(TrainingStep step) {
    return step.getOffsets().stream().mapToLong(offset -> offset.getOffset()).sum();
  }

  private List<Path> checkpoints(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(dir.resolve(prefix).resolve("checkpoints"))) {
      return files.sorted().toList();
    }
  }

  /** On topics of its own. */
  private Config config(String prefix) throws IOException {
    Path state = dir.resolve(prefix);
    Map<String, String> settings = new HashMap<>();
    settings.put("trainer.checkpoint.dir", state.resolve("checkpoints").toString());
    settings.put("trainer.checkpoint.every_steps", "4");
    settings.put("trainer.checkpoint.retained", "3");
    settings.put("trainer.watch.every_steps", "5");
    settings.put("trainer.watch.probe_images", "12");
    settings.put("trainer.evaluation.settle", "200ms");
    settings.put("trainer.evaluation.comparison_bank", "8");
    settings.put("trainer.evaluation.comparison_queries", "4");
    settings.put("trainer.release.first_at_step", "6");
    settings.put("trainer.release.every_steps", "6");
    settings.put("trainer.release.staging_dir", state.resolve("staging").toString());
    settings.put("trainer.run.prefetch_batches", "2");
    Config config = TinyTrainer.config(CLUSTER.kafka().bootstrapServers(), prefix, state, settings);
    TopicAdmin.ensureTopics(config.section("kafka", KafkaConfig.class));
    assertEquals(Optional.empty(), registryOf(config).resolve("champion"));
    return config;
  }

  private static ModelRegistry registryOf(Config config) {
    return ModelRegistries.open(config.section("registry", RegistryConfig.class));
  }
}
