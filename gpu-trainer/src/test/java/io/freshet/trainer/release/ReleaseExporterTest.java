package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.ReleasedAdapter;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DatasetFunnel;
import io.freshet.schemas.TopicOffset;
import io.freshet.trainer.branch.BranchedModel;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.evaluate.PrecisionRecall;
import io.freshet.trainer.evaluate.measure.Classification;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.testing.ReleaseConfigs;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.adapter.SpaceAdapter.Kind;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.HuggingFaceDinov2;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseExporterTest {
  private static final VisionTransformerConfig BACKBONE =
      VisionTransformerConfig.of(32, 16, 24, 2, 3).withLayerScaleInit(1);

  @TempDir private Path dir;

  @Test
  void releasesTheTeacherNotTheStudent() throws IOException {
    ReleaseExporter.Staged staged =
        exporter(true).stage(content(snapshot(1), new ModelVersion("freshet", 3)));

    StateDict weights =
        HuggingFaceDinov2.toOfficial(
            Safetensors.read(staged.dir().resolve(HuggingFaceDirectory.WEIGHTS)));
    float[] teacher = new float[24];
    Arrays.fill(teacher, 1);
    assertArrayEquals(teacher, weights.get("cls_token").toFloats());
    assertEquals(BACKBONE.parameterShapes().keySet(), weights.names());
    assertEquals("vit_24_2_3_p16", staged.release().architecture());
    assertEquals(List.of(new ModelVersion("freshet", 3)), staged.release().parents());
    assertEquals(32, EmbedderSpec.fromMap(staged.release().embedding()).imageSize());
  }

  @Test
  void carriesStudentTeacherHeadsAndMoments() throws IOException {
    Path state = exporter(true).stage(content(snapshot(1))).dir().resolve("training_state");
    assertTrue(
        Safetensors.read(state.resolve("student.safetensors"))
            .has("student.dino_head.mlp.0.weight"));
    assertTrue(
        Safetensors.read(state.resolve("teacher.safetensors")).has("teacher.backbone.cls_token"));
    Safetensors.Contents optimizer = Safetensors.open(state.resolve("optimizer.safetensors"));
    assertTrue(optimizer.tensors().has("exp_avg.backbone.cls_token"));
    assertEquals("40", optimizer.metadata().get("step"));
  }

  @Test
  void leavesTheTrainingStateOutWhenToldTo() throws IOException {
    Path staged = exporter(false).stage(content(snapshot(1))).dir();
    assertFalse(Files.exists(staged.resolve("training_state")));
  }

  @Test
  void neverReleasesAModelThatIsNotFinite() {
    ReleaseExporter exporter = exporter(true);
    ReleaseContent broken = content(snapshot(Float.NaN));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> exporter.stage(broken));
    assertTrue(refusal.getMessage().contains("cls_token"), refusal.getMessage());
  }

  @Test
  void theModelCardTellsLineageMeasuresDataAndLicence() throws IOException {
    Path staged = exporter(true).stage(content(snapshot(1), new ModelVersion("freshet", 3))).dir();
    String card = Files.readString(staged.resolve("MODEL_CARD.md"));
    for (String part :
        new String[] {
          "license: Apache-2.0",
          "| Rights in the training images | Public domain |",
          "| Optimiser steps | 40 |",
          "| Parents | freshet@3 |",
          "| Branches | cooldown, 5 steps |",
          "| photos | 48.6 % | 40.5 % | 25.0 % | 29.5 % |",
          "| dra wings | 77 |",
          "| image.curated | 1 | 12 |"
        }) {
      assertTrue(card.contains(part), () -> part + " is missing in:\n" + card);
    }
  }

  @Test
  void theModelCardTellsDecisionFunnelFormsAndPictures() throws IOException {
    Path staged = exporter(true).stage(content(snapshot(1), evidence(), drift())).dir();
    String card = Files.readString(staged.resolve("MODEL_CARD.md"));
    for (String part :
        new String[] {
          "Stays a candidate: knn_top1/photos is 0.4860, that of freshet@7 0.6000",
          "| knn_top1/photos | 0.4860 | 0.6000 |",
          "| knn_top1/gone | not measured | 0.5000 |",
          "| photos | 51.0 % | - | 33.3 % | 17.25 | -2.50 |",
          "on 64 images: mean 0.9990,\nworst 0.9876",
          "| windows closed | 2 |",
          "| unique images seen in them | 3,000 |",
          "| dra wings | 700 | 30 |",
          "(plots/versions.svg)",
          "(plots/confusions-photos.svg)",
          "(plots/precision-recall-photos.svg)",
          "(plots/confusions-..-.svg)"
        }) {
      assertTrue(card.contains(part), () -> part + " is missing in:\n" + card);
    }
  }

  @Test
  void theModelCardTellsEachAdaptersRecall() throws IOException {
    ReleaseContent content =
        content(
            snapshot(1),
            ReleaseEvidence.NONE,
            Optional.empty(),
            List.of(
                adapter("freshet@7/cls/l2", ReleasedAdapter.OWN_SPACE, Kind.ORTHOGONAL, 0.91824),
                adapter(ReleasedAdapter.OWN_SPACE, "freshet@7/cls/l2", Kind.LOW_RANK_AFFINE, 0.5)));
    String card = Files.readString(exporter(false).stage(content).dir().resolve("MODEL_CARD.md"));
    String table =
        """
        | other space | direction | map | recall@10 |
        |---|---|---|---|
        | freshet@7/cls/l2 | from there | orthogonal | 0.9182 |
        | freshet@7/cls/l2 | to there | low_rank_affine | 0.5000 |
        """;
    assertTrue(card.contains(table), () -> "no such table in:\n" + card);
    String without =
        Files.readString(
            exporter(false).stage(content(snapshot(1))).dir().resolve("MODEL_CARD.md"));
    assertFalse(without.contains("## Adapters"), without);
  }

  private static SpaceAdapter adapter(String from, String to, Kind kind, double recall) {
    float[] identity = {1, 0, 0, 1};
    return new SpaceAdapter(from, to, kind, identity, new float[0], new float[0], 2, 2, recall);
  }

  @Test
  void theManifestCoversThePictures() throws IOException {
    ReleaseExporter.Staged staged =
        exporter(false).stage(content(snapshot(1), evidence(), Optional.empty()));
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    registry.publish("freshet", staged.dir(), staged.release());
    ModelVersion version = new ModelVersion("freshet", 1);
    Set<String> files = registry.manifest(version).files().keySet();
    assertTrue(
        files.containsAll(
            List.of(
                "plots/versions.svg",
                "plots/confusions-photos.svg",
                "plots/precision-recall-photos.svg")),
        files.toString());

    Path picture = registry.open(version).resolve("plots/versions.svg");
    assertTrue(picture.toFile().setWritable(true));
    Files.writeString(picture, "<svg/>");
    assertThrows(ReleaseAlteredException.class, () -> registry.open(version));
  }

  @Test
  void aReleaseThatNothingWasMeasuredOfHasNoPictures() throws IOException {
    VersionHistory unmeasured =
        new VersionHistory(
            "freshet", List.of(new VersionHistory.Version(1, Instant.EPOCH, Map.of())), List.of());
    ReleaseEvidence evidence =
        new ReleaseEvidence(Optional.empty(), Map.of(), Optional.of(unmeasured), Optional.empty());
    Path staged = exporter(false).stage(content(snapshot(1), evidence, Optional.empty())).dir();
    assertFalse(Files.exists(staged.resolve("plots")));
  }

  @Test
  void picturesOfManySetsAreBoundedAndNoNameIsTakenTwice() throws IOException {
    Map<String, Classification> many = new TreeMap<>();
    for (String odd : List.of("!", "?", "/", "|", " ", "%", "&", "<", ">", "#")) {
      many.put("a" + odd + "x".repeat(80), classification("k-NN"));
    }
    ReleaseEvidence evidence =
        new ReleaseEvidence(Optional.empty(), many, Optional.empty(), Optional.empty());
    Path staged = exporter(false).stage(content(snapshot(1), evidence, Optional.empty())).dir();
    try (Stream<Path> files = Files.list(staged.resolve("plots"))) {
      assertEquals(16, files.count());
    }
  }

  @Test
  void replacesWhatAnEarlierReleaseLeft() throws IOException {
    ReleaseExporter exporter = exporter(false);
    Path leftover = dir.resolve("staging/freshet/left.bin");
    Files.createDirectories(leftover.getParent());
    Files.writeString(leftover, "x");
    exporter.stage(content(snapshot(1)));
    assertFalse(Files.exists(leftover));
    exporter.clear();
    assertFalse(Files.exists(dir.resolve("staging")));
  }

  private ReleaseExporter exporter(boolean trainingState) {
    ReleaseConfig config = ReleaseConfigs.plain(10, 10, dir.resolve("staging"), trainingState);
    return new ReleaseExporter(config, Preprocessing.imageNet(32, 32), Clock.systemUTC());
  }

  /** What the gate, the queries, the versions before and curation tell. */
  private static ReleaseEvidence evidence() {
    Judgement judgement =
        new PromotionGate(
                new MetricBounds(
                    Optional.of(0.02),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()))
            .champion(
                Map.of("knn_top1/photos", 0.486),
                Set.of("photos"),
                Optional.of(
                    new PromotionGate.Champion(
                        "freshet@7", 7, Map.of("knn_top1/photos", 0.6, "knn_top1/gone", 0.5))),
                Optional.empty());
    VersionHistory versions =
        new VersionHistory(
            "freshet",
            List.of(
                new VersionHistory.Version(1, Instant.EPOCH, Map.of("knn_top1/photos", 0.4)),
                new VersionHistory.Version(2, Instant.EPOCH, Map.of("knn_top1/photos", 0.5))),
            List.of());
    return new ReleaseEvidence(
        Optional.of(judgement),
        Map.of("photos", classification("k-NN of 10"), "..|", classification("k-NN of 10")),
        Optional.of(versions),
        Optional.of(DataFunnel.EMPTY.plus(window(1)).plus(window(2))));
  }

  private static Classification classification(String classifier) {
    ConfusionMatrix confusions = new ConfusionMatrix(2);
    confusions.add(0, 0);
    confusions.add(1, 0);
    PrecisionRecall curve =
        PrecisionRecall.of(new float[] {0.9f, 0.2f}, new boolean[] {true, false});
    return new Classification(
        List.of("one", "two"), classifier, confusions, new TreeMap<>(Map.of(0, curve)), List.of());
  }

  private static CurationWindow window(long number) {
    return CurationWindow.newBuilder()
        .setWindow(number)
        .setSpaceId("bootstrap@1/features/l2")
        .setImages(1500)
        .setWithdrawn(4)
        .setUnreadable(1)
        .setFunnels(List.of(new DatasetFunnel("dra|wings", 20, 350, 10, 5)))
        .setBalanced(100)
        .setClusterSizes(List.of())
        .setClosedAt(Instant.EPOCH)
        .build();
  }

  private static Optional<QuantizedOnnx> drift() {
    return Optional.of(new QuantizedOnnx(new byte[] {1}, 0.999, 0.9876, 64));
  }

  private static ReleaseContent content(StepSnapshot snapshot, ModelVersion... parents) {
    return content(snapshot, ReleaseEvidence.NONE, Optional.empty(), parents);
  }

  private static ReleaseContent content(
      StepSnapshot snapshot,
      ReleaseEvidence evidence,
      Optional<QuantizedOnnx> quantized,
      ModelVersion... parents) {
    return content(snapshot, evidence, quantized, List.of(), parents);
  }

  private static ReleaseContent content(
      StepSnapshot snapshot,
      ReleaseEvidence evidence,
      Optional<QuantizedOnnx> quantized,
      List<SpaceAdapter> adapters,
      ModelVersion... parents) {
    return new ReleaseContent(
        "run-1",
        new BranchedModel("freshet", BACKBONE, snapshot, List.of("cooldown, 5 steps")),
        snapshot,
        40,
        List.of(new TopicOffset("image.curated", 1, 12L)),
        Map.of(
            "knn_top1/photos", 0.486,
            "untrained_knn_top1/photos", 0.405,
            "raw_pixels_knn_top1/photos", 0.25,
            "centred_pixels_knn_top1/photos", 0.295,
            "linear_top1/photos", 0.51,
            "retrieval_map/photos", 0.333,
            "rankme/photos", 17.25,
            "uniformity/photos", -2.5),
        List.of(parents),
        Map.of("photos", 1000L, "dra|wings", 77L),
        adapters,
        quantized,
        evidence);
  }

  /** Teacher weights of {@code value}, everything else zero. */
  private static StepSnapshot snapshot(float value) {
    Map<String, StateTensor> tensors = new TreeMap<>();
    BACKBONE
        .parameterShapes()
        .forEach(
            (name, shape) -> {
              float[] teacher = new float[Math.toIntExact(shape.size())];
              Arrays.fill(teacher, value);
              tensors.put("teacher.backbone." + name, StateTensor.of(teacher, shape.getShape()));
              for (String part : new String[] {"student.", "exp_avg.", "exp_avg_sq."}) {
                tensors.put(
                    part + "backbone." + name,
                    StateTensor.of(new float[teacher.length], shape.getShape()));
              }
            });
    tensors.put("student.dino_head.mlp.0.weight", StateTensor.of(new float[6], 2, 3));
    tensors.put("updates", StateTensor.of(new float[] {40}, 1));
    return new StepSnapshot(40, 1280, tensors);
  }
}
