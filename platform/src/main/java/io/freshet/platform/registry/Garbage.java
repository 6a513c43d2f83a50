package io.freshet.platform.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a retention policy lets go.
 *
 * @param releases with their bytes, in order
 * @param leftovers of killed publishers, with their bytes
 */
public record Garbage(Map<ModelVersion, Long> releases, Map<Path, Long> leftovers) {
  /** What it takes on disk. */
  public long bytes() {
    return List.of(releases.values(), leftovers.values()).stream()
        .flatMap(sizes -> sizes.stream())
        .mapToLong(Long::longValue)
        .sum();
  }
}
