package io.freshet.client;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ReleaseDirectory;
import io.freshet.platform.registry.ReleasedAdapter;
import io.freshet.platform.registry.ReleasedAdapter.Direction;
import io.freshet.vision.adapter.AdapterFile;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.embed.EmbedderSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The adapters that a release carries. */
public final class ReleaseAdapters {
  private ReleaseAdapters() {}

  /**
   * For each other space the adapter into the space of the release that keeps the most, for {@link
   * SpacePolicy#adapting}.
   *
   * @param dir a release, as {@code freshet models pull} leaves it
   * @param minRecall adapters that keep less of the ten nearest are left out, 0 to 1
   * @throws io.freshet.platform.registry.ReleaseAlteredException when it is not what was published
   */
  public static Collection<SpaceAdapter> into(Path dir, double minRecall) throws IOException {
    Manifest manifest = ReleaseDirectory.verify(dir);
    String own =
        EmbedderSpec.fromMap(manifest.embedding()).space(manifest.name(), manifest.version()).id();
    Map<String, ReleasedAdapter> best = new HashMap<>();
    for (ReleasedAdapter adapter : manifest.adapters()) {
      if (adapter.direction() == Direction.FROM_OTHER && adapter.recallAt10() >= minRecall) {
        best.merge(
            adapter.otherSpace(), adapter, (a, b) -> a.recallAt10() >= b.recallAt10() ? a : b);
      }
    }
    Map<String, SpaceAdapter> adapters = new HashMap<>();
    for (ReleasedAdapter adapter : best.values()) {
      adapters.put(
          adapter.otherSpace(),
          AdapterFile.read(dir.resolve(adapter.file())).between(adapter.otherSpace(), own));
    }
    return adapters.values();
  }
}
