package io.freshet.platform.registry;

import io.freshet.platform.objects.ObjectStore;
import io.freshet.platform.objects.S3Config;
import io.freshet.platform.objects.S3Location;
import io.freshet.platform.objects.S3ObjectStore;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Opens the registry that a configuration names. */
public final class ModelRegistries {
  private ModelRegistries() {}

  private static final String COPIES = "copies";

  /** Connections of a process to each storage; a job that starts again finds them. */
  private static final Map<S3Config, ObjectStore> STORES = new ConcurrentHashMap<>();

  /**
   * Cheap: creates the directories of a registry when they are missing, sends nothing to a bucket.
   *
   * @throws IllegalArgumentException when what is configured can't be right
   */
  public static ModelRegistry open(RegistryConfig config) {
    Clock clock = Clock.systemUTC();
    return new StoredModelRegistry(config, storage(config, clock), clock);
  }

  static RegistryStorage storage(RegistryConfig config, Clock clock) {
    if (config.isDirectory()) {
      return new DirectoryStorage(config.dir(), new DiskReleaseFiles());
    }
    return new BucketStorage(
        STORES.computeIfAbsent(config.s3(), S3ObjectStore::open),
        new ReleaseCopies(config.dir().resolve(COPIES), clock));
  }

  /**
   * Opens a registry to look at it: a directory, or the HTTP API of a server.
   *
   * @param place {@code http(s)://HOST[:PORT][/PATH]}, or a directory that exists
   * @param token what the server wants to see
   * @throws IllegalArgumentException when it is neither
   */
  public static ReleaseCatalog catalog(String place, Optional<String> token) {
    return isHttp(place)
        ? new HttpReleaseCatalog(URI.create(place), token)
        : open(new RegistryConfig(directory(place)));
  }

  /**
   * The same with the rules of a configuration.
   *
   * @param place or {@code s3://BUCKET[/PREFIX]}
   * @param config whose keys and retention hold, but for its place
   */
  public static ReleaseCatalog catalog(
      String place, Optional<String> token, RegistryConfig config) {
    if (isHttp(place)) {
      return new HttpReleaseCatalog(URI.create(place), token);
    }
    return open(
        place.startsWith("s3://")
            ? config.at(S3Location.parse(place))
            : config.at(directory(place)));
  }

  private static boolean isHttp(String place) {
    return place.startsWith("http://") || place.startsWith("https://");
  }

  private static Path directory(String place) {
    Path dir = Path.of(place);
    if (!Files.isDirectory(dir)) {
      throw new IllegalArgumentException(
          "'%s' is no directory, no http(s) address of a registry and no s3://BUCKET"
              .formatted(place));
    }
    return dir;
  }
}
