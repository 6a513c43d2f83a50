package io.freshet.trainer.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.AliasPeriod;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleasedVersionsTest {
  @TempDir Path dir;

  @Test
  void holdsWhatWasMeasuredOfOneModelAndAllChampions() throws IOException {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    Path staged = Files.createDirectories(dir.resolve("staged"));
    Files.writeString(staged.resolve("weights.bin"), "weights");
    Map<String, Double> metrics =
        Map.of(
            "knn_top1/photos", 0.5,
            "champion/knn_top1/photos", 0.4,
            "gate/promoted", 1.0,
            "int8/images", 64.0);
    registry.publish("other", staged, PlainRelease.at(1, metrics));
    registry.publish("freshet", staged, PlainRelease.at(1, metrics));
    registry.publish("freshet", staged, PlainRelease.at(2, metrics));
    for (ModelVersion version : registry.versions()) {
      registry.moveAlias("champion", version);
    }

    VersionHistory history = ReleasedVersions.of(registry, "freshet");

    assertEquals(List.of(1, 2), history.versions().stream().map(v -> v.number()).toList());
    assertEquals(Map.of("knn_top1/photos", 0.5), history.versions().get(0).metrics());
    assertEquals(
        List.of("freshet@1", "freshet@2", "other@1"),
        history.champions().stream().map(AliasPeriod::target).map(ModelVersion::toString).toList());
  }

  @Test
  void aReleaseThatIsAboutToBePublishedIsTheNextVersion() throws IOException {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    Path staged = Files.createDirectories(dir.resolve("staged"));
    Files.writeString(staged.resolve("weights.bin"), "weights");
    Map<String, Double> metrics = Map.of("knn_top1/photos", 0.6, "gate/promoted", 1.0);
    Lineage lineage = new Lineage(registry, Optional::empty, Clock.systemUTC());

    VersionHistory first = lineage.versions("freshet", metrics).orElseThrow();
    assertEquals(List.of(1), first.versions().stream().map(v -> v.number()).toList());
    assertEquals(Map.of("knn_top1/photos", 0.6), first.versions().get(0).metrics());

    registry.publish("freshet", staged, PlainRelease.at(1, metrics));
    registry.publish("freshet", staged, PlainRelease.at(2, metrics));
    VersionHistory third = lineage.versions("freshet", metrics).orElseThrow();
    assertEquals(List.of(1, 2, 3), third.versions().stream().map(v -> v.number()).toList());
  }

  @Test
  void anAlteredManifestCostsItsVersionAndAnAlteredAliasThePicture() throws IOException {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    Path staged = Files.createDirectories(dir.resolve("staged"));
    Files.writeString(staged.resolve("weights.bin"), "weights");
    registry.publish("freshet", staged, PlainRelease.at(1, Map.of()));
    Path manifest = dir.resolve("registry/models/freshet/versions/1/manifest.json");
    assertTrue(manifest.toFile().setWritable(true));
    Files.writeString(manifest, Files.readString(manifest).replace("\"step\" : 1", "\"step\" : 2"));
    ModelRegistry reader = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    Lineage lineage = new Lineage(reader, Optional::empty, Clock.systemUTC());
    VersionHistory second = lineage.versions("freshet", Map.of()).orElseThrow();
    assertEquals(List.of(2), second.versions().stream().map(v -> v.number()).toList());

    Path aliases = Files.createDirectories(dir.resolve("registry/aliases"));
    Files.writeString(aliases.resolve("champion.json"), "{}");
    assertEquals(Optional.empty(), lineage.versions("freshet", Map.of()));
  }
}
