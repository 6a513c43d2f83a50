package io.freshet.platform.registry;

import io.freshet.platform.registry.PublishOutcome.Conflict;
import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.registry.PublishOutcome.Unknown;
import io.freshet.platform.registry.RegistryStorage.StagedRelease;
import io.freshet.platform.registry.RegistryStorage.UncertainCommitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * One publication: copies the files out of every reader's sight, then commits the copy under the
 * next number, which fails when someone has that number, and then tries the one after.
 *
 * <p>Owned by one thread, used once.
 */
final class Publication {
  private static final int MAX_ATTEMPTS = 1_000;
  private static final int MAX_FILES = 10_000;

  private final RegistryStorage storage;
  private final Optional<ReleaseSigner> signer;
  private final String model;
  private final Release release;
  private final String id = UUID.randomUUID().toString();
  private final Instant createdAt;

  Publication(
      RegistryStorage storage,
      Optional<ReleaseSigner> signer,
      Clock clock,
      String model,
      Release release) {
    this.storage = storage;
    this.signer = signer;
    this.model = Ids.require("a model", model);
    this.release = release;
    this.createdAt = clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  PublishOutcome publish(Path source) {
    List<String> paths = list(source);
    for (ReleasedAdapter adapter : release.adapters()) {
      if (!paths.contains(adapter.file())) {
        throw new IllegalArgumentException(
            "%s has no %s, which an adapter names".formatted(source, adapter.file()));
      }
    }
    StagedRelease staged = null;
    try {
      staged = storage.stage(model, id);
      return commit(copy(source, paths, staged), staged);
    } catch (IOException | RegistryException e) {
      if (staged != null) {
        staged.discard();
      }
      throw new RegistryException(
          "%s was not published: %s; nothing became visible, publish again when the cause is gone"
              .formatted(model, e),
          e);
    }
  }

  private static List<String> list(Path source) {
    TreeSet<String> paths = new TreeSet<>();
    try (Stream<Path> walk = Files.walk(source)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        String name = source.relativize(path).toString();
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          throw new IllegalArgumentException(
              "%s is neither file nor directory; a release holds no links".formatted(path));
        }
        paths.add(Ids.requireFile(name));
        if (paths.size() > MAX_FILES) {
          throw new IllegalArgumentException(
              "%s has more than %d files".formatted(source, MAX_FILES));
        }
      }
    } catch (IOException e) {
      throw new RegistryException("%s can't be listed: %s".formatted(source, e), e);
    }
    if (paths.isEmpty() || paths.contains(Manifest.FILE) || paths.contains(Manifest.SIGNATURE)) {
      throw new IllegalArgumentException(
          "%s must hold the files of a release, but no %s or %s, which the registry writes"
              .formatted(source, Manifest.FILE, Manifest.SIGNATURE));
    }
    return List.copyOf(paths);
  }

  private static Map<String, ReleaseFile> copy(
      Path source, List<String> paths, StagedRelease staged) throws IOException {
    Map<String, ReleaseFile> copied = new TreeMap<>();
    for (String path : paths) {
      copied.put(path, staged.add(path, source.resolve(path)));
    }
    return copied;
  }

  private PublishOutcome commit(Map<String, ReleaseFile> copied, StagedRelease staged)
      throws IOException {
    ModelVersion version = next(0);
    ModelVersion taken = version;
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      byte[] bytes = ManifestJson.write(version, id, createdAt, copied, release);
      Manifest manifest = ManifestJson.read(bytes);
      try {
        if (staged.commit(version, bytes, signer.map(key -> key.sign(bytes)))) {
          return new Published(version, manifest);
        }
      } catch (UncertainCommitException e) {
        return new Unknown(version, manifest.sha256(), e.getMessage());
      }
      taken = version;
      version = next(taken.version());
    }
    staged.discard();
    return new Conflict(taken);
  }

  /** The number after those that were given; a listing may not show the one that was taken last. */
  private ModelVersion next(int taken) {
    return new ModelVersion(model, Math.max(storage.lastNumber(model), taken) + 1);
  }
}
