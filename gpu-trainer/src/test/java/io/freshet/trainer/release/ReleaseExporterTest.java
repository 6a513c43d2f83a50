package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelVersion;
import io.freshet.schemas.TopicOffset;
import io.freshet.trainer.branch.BranchedModel;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.testing.ReleaseConfigs;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
          "| Optimiser steps | 40 |",
          "| Parents | [freshet@3] |",
          "| Branches | cooldown, 5 steps |",
          "| photos | 48.6 % | 40.5 % | 25.0 % | 29.5 % |",
          "| dra wings | 77 |",
          "| image.curated | 1 | 12 |"
        }) {
      assertTrue(card.contains(part), () -> part + " is missing in:\n" + card);
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

  private static ReleaseContent content(StepSnapshot snapshot, ModelVersion... parents) {
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
            "centred_pixels_knn_top1/photos", 0.295),
        List.of(parents),
        Map.of("photos", 1000L, "dra|wings", 77L),
        List.of(),
        Optional.empty());
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
