package io.freshet.platform.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A registry in a directory on one file system. A release becomes visible, and goes, by the rename
 * of its directory.
 */
final class DirectoryStorage implements RegistryStorage {
  private final Layout layout;
  private final ReleaseFiles files;
  private final Verification verification = new Verification();

  /**
   * Creates the directories when they are missing.
   *
   * @throws RegistryException when they can't be created
   */
  DirectoryStorage(Path dir, ReleaseFiles files) {
    this.layout = new Layout(dir.toAbsolutePath().normalize());
    this.files = files;
    try {
      files.createDirectories(layout.staging());
      files.createDirectories(layout.models());
      files.createDirectories(layout.aliases());
    } catch (IOException e) {
      throw new RegistryException(
          "registry.dir %s can't be created: %s; fix its permissions or name another"
              .formatted(dir, e),
          e);
    }
  }

  /** A rename is atomic on every file system that a JVM can rename on. */
  @Override
  public void requireSafeWrites() {}

  @Override
  public List<String> models() {
    return layout.listModels();
  }

  @Override
  public List<ModelVersion> versions(String model) {
    return layout.listVersions(model);
  }

  @Override
  public int lastNumber(String model) {
    List<ModelVersion> versions = versions(model);
    return versions.isEmpty() ? 0 : versions.get(versions.size() - 1).version();
  }

  @Override
  public boolean exists(ModelVersion version) {
    return layout.exists(version);
  }

  @Override
  public String manifestPlace(ModelVersion version) {
    return layout.manifest(version).toString();
  }

  @Override
  public Optional<byte[]> manifest(ModelVersion version) {
    return Layout.read(layout.manifest(version), Manifest.MAX_BYTES);
  }

  @Override
  public Optional<byte[]> signature(ModelVersion version) {
    return Layout.read(layout.signature(version), TrustedKeys.SIGNATURE_BYTES);
  }

  @Override
  public InputStream read(ModelVersion version, String path, long offset) throws IOException {
    InputStream in =
        Files.newInputStream(
            layout.release(version).resolve(Ids.requireFile(path)), LinkOption.NOFOLLOW_LINKS);
    try {
      in.skipNBytes(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public Path open(Manifest manifest, byte[] bytes, Optional<byte[]> signature) {
    Path release = layout.release(manifest.id());
    verification.verify(release, manifest);
    return release;
  }

  @Override
  public List<String> aliases() {
    return layout.listAliases();
  }

  @Override
  public Optional<StoredAlias> alias(String name) {
    Path file = layout.alias(name);
    return Layout.read(file, Alias.MAX_BYTES)
        .map(bytes -> new StoredAlias(bytes, "", file.toString()));
  }

  /** The last mover wins: a rename can't ask what it replaces. */
  @Override
  public boolean moveAlias(String name, Optional<StoredAlias> seen, byte[] content)
      throws IOException {
    Path aside = layout.staging().resolve(UUID.randomUUID() + ".json");
    try {
      files.write(aside, content);
      files.rename(aside, layout.alias(name));
      files.syncDirectory(layout.aliases());
      return true;
    } catch (IOException e) {
      StagedCopies.delete(aside);
      throw e;
    }
  }

  @Override
  public StagedRelease stage(String model, String publication) throws IOException {
    Path staging = layout.staging().resolve(publication);
    try {
      files.createDirectories(staging);
      files.createDirectories(layout.versions(model));
    } catch (IOException e) {
      StagedCopies.delete(staging);
      throw e;
    }
    return new StagedDirectory(layout, files, staging);
  }

  @Override
  public long bytes(ModelVersion version) {
    return bytes(layout.release(version));
  }

  @Override
  public Optional<Withdrawal> withdraw(ModelVersion version) throws IOException {
    Path aside = layout.staging().resolve(UUID.randomUUID().toString());
    files.rename(layout.release(version), aside);
    files.syncDirectory(layout.versions(version.name()));
    return Optional.of(new SetAside(version, aside));
  }

  private final class SetAside implements Withdrawal {
    private final ModelVersion version;
    private final Path aside;

    SetAside(ModelVersion version, Path aside) {
      this.version = version;
      this.aside = aside;
    }

    @Override
    public String place() {
      return aside.toString();
    }

    @Override
    public void restore() throws IOException {
      files.rename(aside, layout.release(version));
      files.syncDirectory(layout.versions(version.name()));
    }

    @Override
    public void delete() {
      StagedCopies.delete(aside);
    }
  }

  @Override
  public Map<String, Long> leftovers(Instant before) {
    Map<String, Long> leftovers = new LinkedHashMap<>();
    for (Path entry : layout.listStaging()) {
      if (newest(entry).filter(at -> at.isBefore(before)).isPresent()) {
        leftovers.put(entry.toString(), bytes(entry));
      }
    }
    return leftovers;
  }

  @Override
  public void deleteLeftover(String leftover) {
    StagedCopies.delete(Path.of(leftover));
  }

  /** When anything in it was written last; empty for what vanishes meanwhile. */
  private static Optional<Instant> newest(Path entry) {
    return walk(
        entry,
        paths -> {
          Instant newest = Instant.MIN;
          for (Path path : paths) {
            Instant written =
                Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant();
            newest = written.isAfter(newest) ? written : newest;
          }
          return newest;
        });
  }

  private static long bytes(Path entry) {
    return walk(
            entry,
            paths -> {
              long bytes = 0;
              for (Path path : paths) {
                bytes +=
                    Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.size(path) : 0;
              }
              return bytes;
            })
        .orElse(0L);
  }

  @FunctionalInterface
  private interface Sum<T> {
    T of(List<Path> paths) throws IOException;
  }

  /** Of a directory and all in it; empty when it vanishes meanwhile. */
  private static <T> Optional<T> walk(Path entry, Sum<T> sum) {
    try (Stream<Path> walk = Files.walk(entry)) {
      return Optional.of(sum.of(walk.toList()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      throw new RegistryException("%s can't be read: %s".formatted(entry, e), e);
    }
  }

  /** A copy in {@code tmp}, committed by renaming it to the number. */
  private static final class StagedDirectory implements StagedRelease {
    private final Layout layout;
    private final ReleaseFiles files;
    private final Path staging;
    private final TreeSet<Path> unsynced = new TreeSet<>();

    StagedDirectory(Layout layout, ReleaseFiles files, Path staging) {
      this.layout = layout;
      this.files = files;
      this.staging = staging;
    }

    @Override
    public ReleaseFile add(String path, Path source) throws IOException {
      Path target = staging.resolve(path);
      files.createDirectories(target.getParent());
      unsynced.add(target.getParent());
      return files.copy(source, target);
    }

    @Override
    public boolean commit(ModelVersion version, byte[] manifest, Optional<byte[]> signature)
        throws IOException {
      files.write(staging.resolve(Manifest.FILE), manifest);
      if (signature.isPresent()) {
        files.write(staging.resolve(Manifest.SIGNATURE), signature.get());
      }
      unsynced.add(staging);
      for (Path directory : unsynced) {
        files.syncDirectory(directory);
      }
      unsynced.clear();
      try {
        files.rename(staging, layout.release(version));
      } catch (IOException e) {
        if (!tookPlace(version, manifest, e)) {
          return false;
        }
      }
      try {
        files.syncDirectory(layout.versions(version.name()));
      } catch (IOException e) {
        throw new UncertainCommitException(e);
      }
      return true;
    }

    /**
     * A network file system may report a failure of a rename that took place.
     *
     * @return false when the number is taken
     * @throws IOException the failure, when it took no place
     */
    private boolean tookPlace(ModelVersion version, byte[] manifest, IOException failure)
        throws IOException {
      Path target = layout.release(version);
      if (Files.isRegularFile(staging.resolve(Manifest.FILE))) {
        if (layout.exists(version)) {
          return false;
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
          throw new IOException(target + " is in the way and is no release; move it away", failure);
        }
        throw failure;
      }
      try {
        String found = ManifestJson.read(Files.readAllBytes(layout.manifest(version))).sha256();
        if (found.equals(ManifestJson.read(manifest).sha256())) {
          return true;
        }
      } catch (IOException | IllegalArgumentException e) {
        failure.addSuppressed(e);
      }
      throw new UncertainCommitException(failure);
    }

    @Override
    public void discard() {
      StagedCopies.delete(staging);
    }
  }
}
