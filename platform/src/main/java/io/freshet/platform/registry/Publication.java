package io.freshet.platform.registry;

import io.freshet.platform.registry.PublishOutcome.Conflict;
import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.registry.PublishOutcome.Unknown;
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
 * One publication: copy aside and sync, then commit by renaming the copy to the next number, which
 * fails when someone has that number, and then tries the one after.
 *
 * <p>Owned by one thread, used once.
 */
final class Publication {
  private static final int MAX_ATTEMPTS = 1_000;
  private static final int MAX_FILES = 10_000;

  private final Layout layout;
  private final Optional<ReleaseSigner> signer;
  private final ReleaseFiles files;
  private final String model;
  private final Release release;
  private final String id = UUID.randomUUID().toString();
  private final Instant createdAt;
  private final Path staging;

  Publication(
      Layout layout,
      Optional<ReleaseSigner> signer,
      ReleaseFiles files,
      Clock clock,
      String model,
      Release release) {
    this.layout = layout;
    this.signer = signer;
    this.files = files;
    this.model = Ids.require("a model", model);
    this.release = release;
    this.createdAt = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    this.staging = layout.staging().resolve(id);
  }

  PublishOutcome publish(Path source) {
    List<String> paths = list(source);
    for (ReleasedAdapter adapter : release.adapters()) {
      if (!paths.contains(adapter.file())) {
        throw new IllegalArgumentException(
            "%s has no %s, which an adapter names".formatted(source, adapter.file()));
      }
    }
    try {
      Map<String, ReleaseFile> copied = stage(source, paths);
      return commit(copied);
    } catch (IOException e) {
      discard();
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

  private Map<String, ReleaseFile> stage(Path source, List<String> paths) throws IOException {
    files.createDirectories(staging);
    files.createDirectories(layout.versions(model));
    Map<String, ReleaseFile> copied = new TreeMap<>();
    TreeSet<Path> directories = new TreeSet<>();
    for (String path : paths) {
      Path target = staging.resolve(path);
      files.createDirectories(target.getParent());
      directories.add(target.getParent());
      copied.put(path, files.copy(source.resolve(path), target));
    }
    for (Path directory : directories) {
      files.syncDirectory(directory);
    }
    return copied;
  }

  private PublishOutcome commit(Map<String, ReleaseFile> copied) throws IOException {
    ModelVersion version = nextFree();
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      byte[] bytes = ManifestJson.write(version, id, createdAt, copied, release);
      files.write(staging.resolve(Manifest.FILE), bytes);
      if (signer.isPresent()) {
        files.write(staging.resolve(Manifest.SIGNATURE), signer.get().sign(bytes));
      }
      files.syncDirectory(staging);
      Optional<PublishOutcome> outcome = commit(ManifestJson.read(bytes));
      if (outcome.isPresent()) {
        return outcome.get();
      }
      ModelVersion taken = version;
      version = nextFree();
      if (version.equals(taken)) {
        throw new IOException(
            layout.release(taken) + " is in the way and is no release; move it away");
      }
    }
    discard();
    return new Conflict(version);
  }

  /** Empty when the number was taken by another publication. */
  private Optional<PublishOutcome> commit(Manifest manifest) throws IOException {
    try {
      files.rename(staging, layout.release(manifest.id()));
    } catch (IOException e) {
      switch (afterFailedRename(manifest)) {
        case TAKEN -> {
          return Optional.empty();
        }
        case NOT_DONE -> throw e;
        case UNKNOWN -> {
          return Optional.of(unknown(manifest, e));
        }
        case DONE -> {}
      }
    }
    try {
      files.syncDirectory(layout.versions(model));
    } catch (IOException e) {
      return Optional.of(unknown(manifest, e));
    }
    return Optional.of(new Published(manifest.id(), manifest));
  }

  private enum Rename {
    DONE,
    NOT_DONE,
    TAKEN,
    UNKNOWN
  }

  /** A network file system may report a failure of a rename that took place. */
  private Rename afterFailedRename(Manifest manifest) {
    Path target = layout.release(manifest.id());
    boolean aside = Files.isRegularFile(staging.resolve(Manifest.FILE));
    if (aside) {
      return Files.exists(target, LinkOption.NOFOLLOW_LINKS) ? Rename.TAKEN : Rename.NOT_DONE;
    }
    try {
      Manifest found = ManifestJson.read(Files.readAllBytes(layout.manifest(manifest.id())));
      return found.sha256().equals(manifest.sha256()) ? Rename.DONE : Rename.UNKNOWN;
    } catch (IOException | IllegalArgumentException e) {
      return Rename.UNKNOWN;
    }
  }

  private static Unknown unknown(Manifest manifest, IOException e) {
    return new Unknown(manifest.id(), manifest.sha256(), e.toString());
  }

  private ModelVersion nextFree() {
    List<ModelVersion> taken = layout.listVersions(model);
    int last = taken.isEmpty() ? 0 : taken.get(taken.size() - 1).version();
    return new ModelVersion(model, last + 1);
  }

  /** Frees the disk space of a copy that was not published. */
  private void discard() {
    StagedCopies.delete(staging);
  }
}
