package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.AlteredFile;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.trainer.run.CurationModel.Measured;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model behind alias curation is altered on disk and mended again. */
class CurationModelTest {
  private static final Measured INTACT =
      new Measured("freshet@1", Map.of("curation_knn_top1/photos", 0.6));
  private static final Measured UNKNOWN = new Measured("", Map.of());

  @TempDir private Path temp;
  private ModelRegistry registry;
  private CurationModel curation;

  @BeforeEach
  void publish() throws IOException {
    registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    Path staged = Files.createDirectories(temp.resolve("staged"));
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    registry.publish(
        "freshet", staged, PlainRelease.at(1, Map.of("compared_knn_top1/photos", 0.6)));
    registry.publish("measured-nowhere", staged, PlainRelease.mobileNet(1, spec.toMap()));
    registry.moveAlias("curation", new ModelVersion("freshet", 1));
    curation =
        new CurationModel(
            registry,
            new Baselines(null),
            Set.of("photos"),
            embedder -> {
              throw new AssertionError("what a release knows of itself is not measured");
            },
            1);
  }

  private void isUnknownWhileAltered(Path file) throws IOException {
    AlteredFile altered = AlteredFile.of(file);
    assertEquals(Optional.of(UNKNOWN), curation.since("freshet@1", true));
    altered.mend();
    assertEquals(Optional.empty(), curation.since("freshet@1", true));
    assertEquals(Optional.of(INTACT), curation.since("", true), "it is measured once mended");
  }

  @Test
  void nothingIsKnownOfItWhileTheAliasIsAltered() throws IOException {
    isUnknownWhileAltered(temp.resolve("registry/aliases/curation.json"));
  }

  @Test
  void nothingIsKnownOfItWhileItsManifestIsAltered() throws IOException {
    isUnknownWhileAltered(temp.resolve("registry/models/freshet/versions/1/manifest.json"));
  }

  @Test
  void nothingIsKnownOfItWhileItsWeightsAreAltered() throws IOException {
    String file = ImageEmbedders.bootstrapSpec().file();
    AlteredFile.of(temp.resolve("registry/models/measured-nowhere/versions/1").resolve(file));
    registry.moveAlias("curation", new ModelVersion("measured-nowhere", 1));
    assertEquals(Optional.of(UNKNOWN), curation.since("freshet@1", true));
  }

  @Test
  void anUnknownModelLeavesNoMeasureOfTheOneBefore() {
    Map<String, Double> baselines =
        new HashMap<>(Map.of("curation_knn_top1/photos", 0.6, "untrained_knn_top1/photos", 0.1));
    UNKNOWN.replaceIn(baselines);
    assertEquals(Map.of("untrained_knn_top1/photos", 0.1), baselines);
  }
}
