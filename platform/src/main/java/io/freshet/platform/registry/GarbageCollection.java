package io.freshet.platform.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes releases and leftovers. A release goes by a rename out of sight, so that readers find it
 * whole or not at all; whoever has its files open reads on. A crash on the way leaves a leftover.
 *
 * <p>Guarantee: no release goes that an alias points at or would go back to, also when the alias
 * moves meanwhile: the collector looks at the aliases again after the rename and takes it back, and
 * whoever moves an alias looks for the release again after the move.
 */
final class GarbageCollection {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollection.class);

  private final Layout layout;
  private final ReleaseFiles files;
  private final Supplier<List<Alias>> aliases;

  /**
   * @param aliases reads all of them anew; throws when one was altered, for then nobody knows what
   *     it needs
   */
  GarbageCollection(Layout layout, ReleaseFiles files, Supplier<List<Alias>> aliases) {
    this.layout = layout;
    this.files = files;
    this.aliases = aliases;
  }

  Garbage find(RetentionPolicy policy, Instant now) {
    Set<ModelVersion> named = named();
    Map<ModelVersion, Long> releases = new LinkedHashMap<>();
    for (String model : layout.listModels()) {
      for (ModelVersion version : policy.expired(published(model), named, now)) {
        releases.put(version, bytes(layout.release(version)));
      }
    }
    Map<Path, Long> leftovers = new LinkedHashMap<>();
    for (Path entry : layout.listStaging()) {
      if (newest(entry).filter(at -> at.plus(policy.leftoversFor()).isBefore(now)).isPresent()) {
        leftovers.put(entry, bytes(entry));
      }
    }
    return new Garbage(releases, leftovers);
  }

  /** What was found, less what an alias came to need meanwhile. */
  Garbage remove(RetentionPolicy policy, Instant now) {
    Garbage garbage = find(policy, now);
    Map<ModelVersion, Long> removed = new LinkedHashMap<>();
    garbage
        .releases()
        .forEach(
            (version, bytes) -> {
              if (remove(version)) {
                removed.put(version, bytes);
              }
            });
    garbage.leftovers().keySet().forEach(StagedCopies::delete);
    return new Garbage(removed, garbage.leftovers());
  }

  private boolean remove(ModelVersion version) {
    Path release = layout.release(version);
    Path aside = layout.staging().resolve(UUID.randomUUID().toString());
    try {
      files.rename(release, aside);
      files.syncDirectory(layout.versions(version.name()));
      if (named().contains(version)) {
        files.rename(aside, release);
        files.syncDirectory(layout.versions(version.name()));
        return false;
      }
    } catch (IOException e) {
      throw new RegistryException(
          "%s may still be there, or lies in %s: %s; start the garbage collection again when the cause is gone"
              .formatted(version, aside, e),
          e);
    }
    StagedCopies.delete(aside);
    return true;
  }

  /** The releases that aliases point at, and those that a rollback would take them to. */
  private Set<ModelVersion> named() {
    Set<ModelVersion> named = new HashSet<>();
    for (Alias alias : aliases.get()) {
      named.add(alias.current().target());
      AliasMove.former(alias.moves()).map(AliasMove::target).ifPresent(named::add);
    }
    return named;
  }

  /** Without altered ones, which stay as evidence. */
  private SortedMap<ModelVersion, Instant> published(String model) {
    SortedMap<ModelVersion, Instant> published = new TreeMap<>();
    for (ModelVersion version : layout.listVersions(model)) {
      try {
        Layout.read(layout.manifest(version), Manifest.MAX_BYTES)
            .map(bytes -> ManifestJson.read(version, bytes).createdAt())
            .ifPresent(at -> published.put(version, at));
      } catch (IllegalArgumentException e) {
        LOG.warn("{} was altered and is left where it is: {}", version, e.getMessage());
      }
    }
    return published;
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
}
