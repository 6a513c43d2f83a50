package io.freshet.platform.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verified local copies of releases that lie elsewhere, each in a directory named by the digest of
 * its manifest. A copy that was altered is made anew; one that nobody opened for a week goes when
 * another is made, and whoever has its files open reads on.
 *
 * <p>Thread-safe; several processes may share a directory.
 */
final class ReleaseCopies {
  private static final Logger LOG = LoggerFactory.getLogger(ReleaseCopies.class);
  private static final Duration KEEP_UNUSED = Duration.ofDays(7);
  private static final Duration KEEP_UNFINISHED = Duration.ofDays(1);

  private final Path dir;
  private final Clock clock;
  private final Verification verification = new Verification();

  ReleaseCopies(Path dir, Clock clock) {
    this.dir = dir.toAbsolutePath().normalize();
    this.clock = clock;
  }

  /**
   * @param release manifest and signature as they were checked
   * @throws ReleaseAlteredException when the source has other bytes than were published
   * @throws RegistryException when the source or the disk failed
   */
  synchronized Path open(ReleaseCopy release, ReleaseCopy.Source source) {
    Manifest manifest = release.manifest();
    Path copy = dir.resolve(manifest.sha256());
    try {
      if (!isIntact(copy, manifest)) {
        discard(copy);
        removeUnused();
        make(release, source, copy);
        verification.verify(copy, manifest);
      }
      Files.setLastModifiedTime(copy, FileTime.from(clock.instant()));
      return copy;
    } catch (IOException e) {
      throw new RegistryException(
          "%s was not copied to %s: %s; try again when the cause is gone"
              .formatted(manifest.id(), copy, e.getMessage()),
          e);
    }
  }

  private boolean isIntact(Path copy, Manifest manifest) {
    if (!Files.exists(copy)) {
      return false;
    }
    try {
      verification.verify(copy, manifest);
      return true;
    } catch (ReleaseAlteredException e) {
      LOG.warn("the copy in {} is made anew: {}", copy, e.getMessage());
      return false;
    }
  }

  private static void make(ReleaseCopy release, ReleaseCopy.Source source, Path copy)
      throws IOException {
    try {
      release.make(source, copy, count -> {});
    } catch (IOException e) {
      // Another process may have been faster; what it made is verified by the caller.
      if (!Files.exists(copy)) {
        throw e;
      }
    }
  }

  private void removeUnused() throws IOException {
    Instant now = clock.instant();
    for (Path entry : entries()) {
      boolean isCopy = !entry.getFileName().toString().startsWith(".");
      Instant used = Files.getLastModifiedTime(entry).toInstant();
      if (used.plus(isCopy ? KEEP_UNUSED : KEEP_UNFINISHED).isBefore(now)) {
        discard(entry);
      }
    }
  }

  private List<Path> entries() throws IOException {
    if (!Files.exists(dir)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(dir)) {
      return entries.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Out of sight at once, so that nobody opens half a copy. */
  private void discard(Path entry) throws IOException {
    if (Files.exists(entry)) {
      Path aside = dir.resolve(".removed." + UUID.randomUUID());
      Files.move(entry, aside);
      StagedCopies.delete(aside);
    }
  }
}
