package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.platform.registry.ReleasedAdapter;
import io.freshet.platform.registry.ReleasedAdapter.Direction;
import io.freshet.vision.adapter.AdapterFile;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.adapter.SpaceAdapter.Kind;
import io.freshet.vision.embed.EmbedderSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release brings the maps into its space with it. */
class ReleaseAdaptersTest {
  private static final String OLD = "freshet@1/cls/l2";

  @TempDir private Path temp;

  @Test
  void readsTheBestAdapterIntoTheSpaceOfAPulledRelease() throws IOException {
    Path staged = Files.createDirectories(temp.resolve("staged/adapters"));
    SpaceAdapter swap = adapter(OLD, ReleasedAdapter.OWN_SPACE, new float[] {0, 1, 1, 0}, 0.9);
    SpaceAdapter worse = adapter(OLD, ReleasedAdapter.OWN_SPACE, new float[] {1, 0, 0, 1}, 0.7);
    SpaceAdapter back = adapter(ReleasedAdapter.OWN_SPACE, OLD, new float[] {0, 1, 1, 0}, 0.95);
    AdapterFile.write(swap, staged.resolve("swap.json"));
    AdapterFile.write(worse, staged.resolve("worse.json"));
    AdapterFile.write(back, staged.resolve("back.json"));
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    registry.publish(
        "freshet",
        temp.resolve("staged"),
        new Release(
            "vit",
            2,
            14,
            28,
            "run",
            1,
            1,
            List.of(),
            Map.of(),
            List.of(),
            EmbedderSpec.vit(28, 28).toMap(),
            "MIT",
            List.of(
                released(swap, Direction.FROM_OTHER, "swap"),
                released(worse, Direction.FROM_OTHER, "worse"),
                released(back, Direction.TO_OTHER, "back"))));
    Path pulled = temp.resolve("pulled");
    new ReleasePull(registry, bytes -> {})
        .pull(registry.manifest(new ModelVersion("freshet", 1)), pulled);

    Collection<SpaceAdapter> adapters = ReleaseAdapters.into(pulled, 0.8);
    assertEquals(1, adapters.size());
    SpaceAdapter best = adapters.iterator().next();
    assertEquals("freshet@1/cls/l2", best.toSpace());
    assertEquals(OLD, best.fromSpace());
    assertArrayEquals(new float[] {0, 1}, best.apply(new float[] {1, 0}));
    assertEquals(List.of(), List.copyOf(ReleaseAdapters.into(pulled, 0.99)));

    Files.write(pulled.resolve("adapters/swap.json"), new byte[] {1});
    assertThrows(ReleaseAlteredException.class, () -> ReleaseAdapters.into(pulled, 0.8));
  }

  @Test
  void noReleaseListsAnAdapterItDoesNotHold() throws IOException {
    Path staged = Files.createDirectories(temp.resolve("staged"));
    Files.writeString(staged.resolve("config.json"), "{}");
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    Release release =
        new Release(
            "vit",
            2,
            14,
            28,
            "run",
            1,
            1,
            List.of(),
            Map.of(),
            List.of(),
            Map.of(),
            "MIT",
            List.of(
                new ReleasedAdapter(
                    OLD, Direction.FROM_OTHER, "orthogonal", "adapters/x.json", 1)));
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> registry.publish("freshet", staged, release))
            .getMessage();
    assertTrue(message.contains("adapters/x.json"), message);
    assertEquals(List.of(), registry.versions());
  }

  private static ReleasedAdapter released(SpaceAdapter adapter, Direction direction, String name) {
    return new ReleasedAdapter(
        OLD, direction, adapter.kind().text(), "adapters/" + name + ".json", adapter.recallAt10());
  }

  private static SpaceAdapter adapter(String from, String to, float[] matrix, double recall) {
    return new SpaceAdapter(
        from, to, Kind.ORTHOGONAL, matrix, new float[0], new float[0], 2, 2, recall);
  }
}
