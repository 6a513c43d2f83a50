package io.freshet.platform.registry;

import java.util.Collection;
import java.util.Map;

/**
 * What a retention policy lets go.
 *
 * @param releases with their bytes, in order
 * @param leftovers where killed publishers left something, with its bytes
 */
public record Garbage(Map<ModelVersion, Long> releases, Map<String, Long> leftovers) {
  /** What it takes. */
  public long bytes() {
    return sum(releases.values()) + sum(leftovers.values());
  }

  private static long sum(Collection<Long> sizes) {
    return sizes.stream().mapToLong(Long::longValue).sum();
  }
}
