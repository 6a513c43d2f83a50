package io.freshet.platform.registry;

import java.nio.file.Path;
import java.util.Collection;
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
    return sum(releases.values()) + sum(leftovers.values());
  }

  private static long sum(Collection<Long> sizes) {
    return sizes.stream().mapToLong(Long::longValue).sum();
  }
}
