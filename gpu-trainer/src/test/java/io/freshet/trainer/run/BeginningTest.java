package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.trainer.checkpoint.CheckpointDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run must not begin with. */
class BeginningTest {
  @TempDir private Path dir;

  @Test
  void goesOnFromNoPulledReleaseThatWasAltered() throws IOException {
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(dir.resolve("registry")));
    Path staged = Files.createDirectories(dir.resolve("staged"));
    Files.writeString(staged.resolve("model.safetensors"), "weights");
    registry.publish("freshet", staged, PlainRelease.at(1));
    Path pulled = dir.resolve("pulled");
    new ReleasePull(registry, bytes -> {})
        .pull(registry.manifest(new ModelVersion("freshet", 1)), pulled);
    Files.delete(pulled.resolve("model.safetensors"));
    Files.writeString(pulled.resolve("model.safetensors"), "wEights");

    TrainerSettings settings =
        TrainerSettings.of(Config.defaults().with("trainer.start.from", pulled.toString()));
    // Nothing is computed before the release was looked at.
    Beginning beginning = new Beginning(settings, registry, null, Clock.systemUTC());
    CheckpointDirectory checkpoints = new CheckpointDirectory(dir.resolve("checkpoints"), 2);
    ReleaseAlteredException refusal =
        assertThrows(ReleaseAlteredException.class, () -> beginning.run(checkpoints));
    assertTrue(refusal.getMessage().contains("model.safetensors"), refusal.getMessage());
  }
}
