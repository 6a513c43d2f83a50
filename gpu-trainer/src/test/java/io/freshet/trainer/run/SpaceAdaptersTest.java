package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.trainer.evaluate.EvaluationImage;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.ParameterInitialization;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters between a new model and the releases before it. */
class SpaceAdaptersTest {
  private static final VisionTransformerConfig MODEL =
      VisionTransformerConfig.of(28, 14, 8, 1, 2).withLayerScaleInit(1);
  private static final Map<String, Object> EMBEDDING = EmbedderSpec.vit(28, 28).toMap();

  @TempDir private Path temp;
  private ModelRegistry registry;

  @BeforeEach
  void publishThree() throws IOException {
    registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    publish("freshet", EMBEDDING);
    publish("freshet", EmbedderSpec.vit(28, 32).toMap());
    publish("freshet", EMBEDDING);
    publish("other", EMBEDDING);
  }

  @Test
  void fitsBothKindsInBothDirectionsToTheNewestThatSeeImagesTheSameWay() {
    List<SetFeatures> own = features(60, 60, false);
    SpaceAdapters adapters =
        new SpaceAdapters(
            registry,
            (architecture, weights) -> {
              assertEquals(MODEL.embedDim(), architecture.embedDim());
              return features(60, 60, true);
            },
            2,
            1);
    List<SpaceAdapter> fitted = adapters.fit("freshet", EMBEDDING, own);
    assertEquals(
        List.of(
            "freshet@3/cls/l2>self ORTHOGONAL",
            "freshet@3/cls/l2>self LOW_RANK_AFFINE",
            "self>freshet@3/cls/l2 ORTHOGONAL",
            "self>freshet@3/cls/l2 LOW_RANK_AFFINE"),
        fitted.stream().map(a -> a.fromSpace() + ">" + a.toSpace() + " " + a.kind()).toList());
    fitted.forEach(a -> assertTrue(a.recallAt10() > 0.95, a.kind() + " " + a.recallAt10()));
  }

  @Test
  void asksNoReleaseAgainThatItRemembers() {
    List<String> asked = new ArrayList<>();
    SpaceAdapters adapters =
        new SpaceAdapters(
            registry,
            (architecture, weights) -> {
              asked.add("a release");
              return features(60, 60, true);
            },
            1,
            1);
    adapters.remember(new ModelVersion("freshet", 1), features(60, 60, false));
    adapters.remember(new ModelVersion("freshet", 3), features(60, 60, true));
    List<SpaceAdapter> remembered = adapters.fit("freshet", EMBEDDING, features(60, 60, false));
    assertEquals(List.of(), asked);
    assertEquals(4, remembered.size());
    assertEquals("freshet@3/cls/l2", remembered.get(0).fromSpace());
    assertTrue(remembered.get(0).recallAt10() > 0.95);
    adapters.fit("other", EMBEDDING, features(60, 60, false));
    adapters.fit("other", EMBEDDING, features(60, 60, false));
    assertEquals(List.of("a release"), asked);
  }

  @Test
  void fitsNoneToTooFewImagesOrAlteredReleases() throws IOException {
    SpaceAdapters.Featuring none =
        (architecture, weights) -> {
          throw new AssertionError("nothing is worth computing");
        };
    assertEquals(
        List.of(),
        new SpaceAdapters(registry, none, 2, 1).fit("freshet", EMBEDDING, features(50, 49, false)));
    Path weights = temp.resolve("registry/models/freshet/versions/3/model.safetensors");
    assertTrue(weights.toFile().setWritable(true));
    Files.write(weights, new byte[] {1});
    assertEquals(
        List.of(),
        new SpaceAdapters(registry, none, 2, 1).fit("freshet", EMBEDDING, features(60, 60, false)));
    assertEquals(
        List.of(),
        new SpaceAdapters(registry, none, 0, 1).fit("freshet", EMBEDDING, features(60, 60, false)));
  }

  /** The same images; another model sees them with its coordinates in reverse order. */
  private static List<SetFeatures> features(int bank, int queries, boolean reversed) {
    Random random = new Random(3);
    EvaluationImage image = new EvaluationImage(null, 0, null, null);
    EvaluationSet set =
        new EvaluationSet(
            "photos",
            List.of("one"),
            Collections.nCopies(bank, image),
            Collections.nCopies(queries, image));
    return List.of(
        new SetFeatures(set, vectors(random, bank, reversed), vectors(random, queries, reversed)));
  }

  private static float[][] vectors(Random random, int count, boolean reversed) {
    float[][] vectors = new float[count][MODEL.embedDim()];
    for (float[] vector : vectors) {
      for (int i = 0; i < vector.length; i++) {
        vector[reversed ? vector.length - 1 - i : i] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }

  private void publish(String model, Map<String, Object> embedding) throws IOException {
    StateDict.Builder weights = StateDict.builder();
    MODEL
        .parameterShapes()
        .forEach(
            (name, shape) ->
                weights.put(
                    name,
                    WeightTensor.ofFloats(
                        ParameterInitialization.backbone(MODEL, name, shape, 1),
                        shape.getShape())));
    Path staged = Files.createTempDirectory(temp, "staged");
    HuggingFaceDirectory.write(staged, MODEL, weights.build(), Preprocessing.imageNet(28, 28));
    registry.publish(
        model,
        staged,
        new Release(
            "vit", 8, 14, 28, "run", 1, 1, List.of(), Map.of(), List.of(), embedding, "MIT"));
  }
}
