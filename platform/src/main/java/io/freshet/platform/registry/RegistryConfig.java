package io.freshet.platform.registry;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Section {@code registry}.
 *
 * @param dir directory of the registry, all of it on one file system
 * @param retention which releases may go
 * @param signing by whom releases are signed, and whose are used
 */
public record RegistryConfig(Path dir, RetentionPolicy retention, SigningConfig signing)
    implements Serializable {
  public RegistryConfig {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(retention, "retention");
    Objects.requireNonNull(signing, "signing");
  }

  /** Of a registry from which nothing goes by itself, without signatures. */
  public RegistryConfig(Path dir) {
    this(dir, RetentionPolicy.BY_HAND, SigningConfig.NONE);
  }

  /** The same rules for another directory. */
  public RegistryConfig at(Path otherDir) {
    return new RegistryConfig(otherDir, retention, signing);
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(dir.toString(), retention, signing);
  }

  private record Shipped(String dir, RetentionPolicy retention, SigningConfig signing)
      implements Serializable {
    private Object readResolve() {
      return new RegistryConfig(Path.of(dir), retention, signing);
    }
  }
}
