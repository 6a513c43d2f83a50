package io.freshet.platform.registry;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;

/** Opens the registry that a configuration names. */
public final class ModelRegistries {
  private ModelRegistries() {}

  /** Cheap: creates the directories when they are missing and reads nothing. */
  public static ModelRegistry open(RegistryConfig config) {
    return new StoredModelRegistry(
        config, new DirectoryStorage(config.dir(), new DiskReleaseFiles()), Clock.systemUTC());
  }

  /**
   * Opens a registry to look at it: a directory, or the HTTP API of a server.
   *
   * @param place {@code http(s)://HOST[:PORT][/PATH]}, or a directory that exists
   * @param token what the server wants to see
   * @throws IllegalArgumentException when it is neither
   */
  public static ReleaseCatalog catalog(String place, Optional<String> token) {
    return catalog(place, token, RegistryConfig::new);
  }

  /**
   * The same with the rules of a configuration.
   *
   * @param config whose keys and retention hold, but for its directory
   */
  public static ReleaseCatalog catalog(
      String place, Optional<String> token, RegistryConfig config) {
    return catalog(place, token, config::at);
  }

  private static ReleaseCatalog catalog(
      String place, Optional<String> token, Function<Path, RegistryConfig> configOf) {
    if (place.startsWith("http://") || place.startsWith("https://")) {
      return new HttpReleaseCatalog(URI.create(place), token);
    }
    Path dir = Path.of(place);
    if (!Files.isDirectory(dir)) {
      throw new IllegalArgumentException(
          "'%s' is no directory and no http(s) address of a registry".formatted(place));
    }
    return open(configOf.apply(dir));
  }
}
