package io.freshet.deploy.command;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.platform.registry.TrustedKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which registry a command looks at; without an option the configured one. */
final class RegistryOptions {
  private static final int MAX_TOKEN_BYTES = 2_048;

  @Mixin private ConfigOptions options;

  @Option(
      names = "--registry",
      paramLabel = "DIR|URL",
      description =
          "Another registry: a directory, s3://BUCKET[/PREFIX] with the address and keys in"
              + " registry.s3, or http(s)://HOST:PORT of a registry server.")
  private Optional<String> place = Optional.empty();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The token that the registry server wants to see.")
  private Optional<Path> tokenFile = Optional.empty();

  private RegistryConfig configured;

  ConfigOptions config() {
    return options;
  }

  /** Whether a server does what is asked, and tells the features. */
  boolean isServer() {
    return place.filter(text -> text.matches("https?://.*")).isPresent();
  }

  /** Whether the files of releases are used where they lie. */
  boolean isDirectory() {
    return place.map(text -> !text.contains("://")).orElseGet(() -> configured().isDirectory());
  }

  ReleaseCatalog catalog() {
    Optional<String> token = tokenFile.map(RegistryOptions::token);
    RegistryConfig configured = configured();
    return place.isPresent()
        ? ModelRegistries.catalog(place.get(), token, configured)
        : ModelRegistries.open(configured);
  }

  /** The configuration is read once. */
  RegistryConfig configured() {
    if (configured == null) {
      configured = options.load().section("registry", RegistryConfig.class);
    }
    return configured;
  }

  /** Whose releases are used, as configured. */
  TrustedKeys trustedKeys() {
    return TrustedKeys.of(configured().signing().trustedKeyFiles());
  }

  /**
   * @throws IllegalArgumentException when the registry has no such version or alias
   */
  static ModelVersion resolve(ReleaseCatalog catalog, String reference) {
    return catalog
        .resolve(reference)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the registry has no '%s'; freshet models ls shows what it has"
                        .formatted(reference)));
  }

  private static String token(Path file) {
    try {
      if (Files.size(file) > MAX_TOKEN_BYTES) {
        throw new IllegalArgumentException(
            "--token-file %s is larger than a token".formatted(file));
      }
      String token = Files.readString(file).strip();
      if (!token.matches("[!-~]+")) {
        throw new IllegalArgumentException(
            "--token-file %s must hold one line of visible ASCII characters".formatted(file));
      }
      return token;
    } catch (IOException e) {
      throw new UncheckedIOException("--token-file %s can't be read".formatted(file), e);
    }
  }
}
