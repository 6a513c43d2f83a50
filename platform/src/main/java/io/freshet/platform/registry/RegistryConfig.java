package io.freshet.platform.registry;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Section {@code registry}.
 *
 * @param dir directory of the registry, all of it on one file system
 */
public record RegistryConfig(Path dir) implements Serializable {
  public RegistryConfig {
    Objects.requireNonNull(dir, "dir");
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(dir.toString());
  }

  private record Shipped(String dir) implements Serializable {
    private Object readResolve() {
      return new RegistryConfig(Path.of(dir));
    }
  }
}
