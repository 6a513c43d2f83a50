package io.freshet.platform.registry;

import io.freshet.platform.objects.S3Config;
import io.freshet.platform.objects.S3Location;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Section {@code registry}.
 *
 * @param dir directory of the registry, all of it on one file system; of a registry in a bucket,
 *     where verified copies of its releases are kept
 * @param s3 the bucket of the registry, if it is in one
 * @param retention which releases may go
 * @param signing by whom releases are signed, and whose are used
 */
public record RegistryConfig(
    Path dir, S3Config s3, RetentionPolicy retention, SigningConfig signing)
    implements Serializable {
  public RegistryConfig {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(s3, "s3");
    Objects.requireNonNull(retention, "retention");
    Objects.requireNonNull(signing, "signing");
  }

  /** Of a registry from which nothing goes by itself, without signatures. */
  public RegistryConfig(Path dir) {
    this(dir, RetentionPolicy.BY_HAND, SigningConfig.NONE);
  }

  /** Of a registry in a directory. */
  public RegistryConfig(Path dir, RetentionPolicy retention, SigningConfig signing) {
    this(dir, S3Config.NONE, retention, signing);
  }

  /** The same rules for another directory. */
  public RegistryConfig at(Path otherDir) {
    return new RegistryConfig(otherDir, retention, signing);
  }

  /** The same rules, address and keys for another place in a bucket. */
  public RegistryConfig at(S3Location location) {
    return new RegistryConfig(dir, s3.at(location), retention, signing);
  }

  /** Whether the files of its releases are used where they lie. */
  public boolean isDirectory() {
    return s3.location().isEmpty();
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(dir.toString(), s3, retention, signing);
  }

  private record Shipped(String dir, S3Config s3, RetentionPolicy retention, SigningConfig signing)
      implements Serializable {
    private Object readResolve() {
      return new RegistryConfig(Path.of(dir), s3, retention, signing);
    }
  }
}
