package io.freshet.platform.registry;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Section {@code registry}.
 *
 * @param dir directory of the registry, all of it on one file system
 * @param retention which releases may go
 */
public record RegistryConfig(Path dir, RetentionPolicy retention) implements Serializable {
  public RegistryConfig {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(retention, "retention");
  }

  /** Of a registry from which nothing goes by itself. */
  public RegistryConfig(Path dir) {
    this(dir, RetentionPolicy.BY_HAND);
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(dir.toString(), retention);
  }

  private record Shipped(String dir, RetentionPolicy retention) implements Serializable {
    private Object readResolve() {
      return new RegistryConfig(Path.of(dir), retention);
    }
  }
}
