package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.registry.PublishOutcome.Unknown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishFaultTest {
  private static final ModelVersion V1 = new ModelVersion("freshet", 1);

  @TempDir Path temp;
  private Path staged;
  private FaultyFiles files;
  private ModelRegistry registry;

  @BeforeEach
  void open() throws IOException {
    staged = Releases.directory(temp, "staged", (byte) 1, 5_000);
    files = new FaultyFiles();
    RegistryConfig config = new RegistryConfig(temp.resolve("registry"));
    registry =
        new StoredModelRegistry(
            config, new DirectoryStorage(config.dir(), files), Clock.systemUTC());
  }

  private PublishOutcome publish() {
    return registry.publish("freshet", staged, Releases.release("run-1", 1));
  }

  private List<Path> staging() throws IOException {
    try (Stream<Path> entries = Files.list(temp.resolve("registry/tmp"))) {
      return entries.toList();
    }
  }

  @Test
  void showsNothingPartialWhicheverCallFails() throws IOException {
    files.fail(-1, false);
    registry.publish("count", staged, Releases.release("run-1", 1));
    int calls = files.calls;
    assertTrue(calls >= 12, calls + " calls");
    int failures = 0;
    for (int call = 0; call < calls; call++) {
      for (boolean after : List.of(false, true)) {
        String model = "m-%d-%s".formatted(call, after);
        files.fail(call, after);
        try {
          PublishOutcome outcome = registry.publish(model, staged, Releases.release("run-1", 1));
          assertWhole(model, outcome);
        } catch (RegistryException e) {
          failures++;
          assertTrue(e.getMessage().contains("nothing became visible"), e.getMessage());
          assertEquals(Optional.empty(), registry.resolve(model + "@1"));
          assertEquals(List.of(), staging());
        }
        files.fail(-1, false);
        PublishOutcome again = registry.publish(model, staged, Releases.release("run-1", 1));
        registry.open(assertInstanceOf(Published.class, again).version());
      }
    }
    assertTrue(failures >= 2 * (calls - 3), failures + " of " + 2 * calls + " calls failed");
  }

  /** Calls that fail after the rename took effect: the release is there, whole. */
  private void assertWhole(String model, PublishOutcome outcome) {
    registry.open(new ModelVersion(model, 1));
    if (outcome instanceof Unknown unknown) {
      assertEquals(
          unknown.manifestSha256(), registry.manifest(new ModelVersion(model, 1)).sha256());
    }
  }

  @Test
  void recognisesARenameThatTookPlaceThoughItFailed() throws IOException {
    PublishOutcome outcome = null;
    for (int call = 0; outcome == null && call < 40; call++) {
      files.fail(call, true);
      try {
        outcome = registry.publish("other", staged, Releases.release("run-1", 1));
      } catch (RegistryException e) {
        assertEquals(Optional.empty(), registry.resolve("other@1"));
      }
    }
    Published published = assertInstanceOf(Published.class, outcome);
    registry.open(published.version(), published.manifest().sha256());
  }

  @Test
  void deletesNothingWhenTheOutcomeIsUnknown() throws IOException {
    files.losesTarget = true;
    Unknown unknown = assertInstanceOf(Unknown.class, publish());
    assertEquals(V1, unknown.attempted());
    assertTrue(Files.exists(temp.resolve("registry/tmp/unreachable/model.safetensors")));
    assertEquals(List.of(), registry.versions());
  }

  @Test
  void keepsTheOldAliasWhicheverCallFails() throws IOException {
    publish();
    publish();
    registry.moveAlias("champion", V1);
    ModelVersion next = new ModelVersion("freshet", 2);
    for (int call = 0; call < 2; call++) {
      files.fail(call, false);
      assertThrows(RegistryException.class, () -> registry.moveAlias("champion", next));
      assertEquals(Map.of("champion", V1), registry.aliases());
      assertEquals(List.of(), staging());
    }
    files.fail(-1, false);
    registry.moveAlias("champion", next);
    assertEquals(Map.of("champion", next), registry.aliases());
  }
}
