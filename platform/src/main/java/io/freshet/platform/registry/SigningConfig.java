package io.freshet.platform.registry;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Section {@code registry.signing}.
 *
 * @param keyFile PEM file with the Ed25519 private key (PKCS #8) that releases are signed with;
 *     none = they are published unsigned
 * @param trustedKeyFiles PEM files with Ed25519 public keys; where there are any, only releases
 *     that one of them signed are used
 */
public record SigningConfig(Optional<Path> keyFile, List<Path> trustedKeyFiles)
    implements Serializable {
  /** Releases are neither signed nor asked for a signature. */
  public static final SigningConfig NONE = new SigningConfig(Optional.empty(), List.of());

  public SigningConfig {
    trustedKeyFiles = List.copyOf(trustedKeyFiles);
  }

  /** Reads the private key, if one is named, so that a bad one stops the start of a publisher. */
  public void requireKey() {
    signer();
  }

  Optional<ReleaseSigner> signer() {
    return keyFile.map(ReleaseSigner::of);
  }

  // java.nio.file.Path is not serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(
        keyFile.map(Path::toString).orElse(null),
        trustedKeyFiles.stream().map(Path::toString).toArray(String[]::new));
  }

  private record Shipped(String keyFile, String[] trustedKeyFiles) implements Serializable {
    private Object readResolve() {
      return new SigningConfig(
          Optional.ofNullable(keyFile).map(Path::of),
          Arrays.stream(trustedKeyFiles).map(Path::of).toList());
    }
  }
}
