package io.freshet.platform.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Compares releases with their manifests, and remembers which files it saw so that the next
 * comparison of the same files costs no reading.
 *
 * <p>Thread-safe.
 */
final class Verification {
  private final Map<String, Map<String, Stamp>> verified = new ConcurrentHashMap<>();

  /** What changes when a file does. */
  private record Stamp(long size, FileTime modified, FileTime changed, Object fileKey) {
    static Stamp of(Path file, BasicFileAttributes attributes) throws IOException {
      return new Stamp(
          attributes.size(), attributes.lastModifiedTime(), changeTime(file), attributes.fileKey());
    }

    /** The time that nobody can set back, where the system has one. */
    private static FileTime changeTime(Path file) throws IOException {
      return file.getFileSystem().supportedFileAttributeViews().contains("unix")
          ? (FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS)
          : FileTime.fromMillis(0);
    }
  }

  /**
   * @throws ReleaseAlteredException when the directory isn't exactly what the manifest lists
   */
  void verify(Path release, Manifest manifest) {
    try {
      Map<String, Stamp> stamps = stamps(release, manifest);
      if (Objects.equals(verified.get(manifest.sha256()), stamps)) {
        return;
      }
      for (Map.Entry<String, ReleaseFile> entry : manifest.files().entrySet()) {
        ReleaseFile found = Digests.of(release.resolve(entry.getKey()));
        if (!found.equals(entry.getValue())) {
          throw altered(manifest, entry.getKey() + " has other bytes than were published");
        }
      }
      if (!stamps(release, manifest).equals(stamps)) {
        throw altered(manifest, "its files changed while they were read");
      }
      verified.put(manifest.sha256(), stamps);
    } catch (IOException | UncheckedIOException e) {
      throw new RegistryException("%s can't be read: %s".formatted(release, e), e);
    }
  }

  private static Map<String, Stamp> stamps(Path release, Manifest manifest) throws IOException {
    Map<String, Stamp> stamps = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(release)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        BasicFileAttributes attributes =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String name = release.relativize(path).toString();
        boolean isListed = !name.equals(Manifest.FILE) && !name.equals(Manifest.SIGNATURE);
        if (!attributes.isRegularFile() && !(isListed && attributes.isDirectory())) {
          throw altered(manifest, name + " is a link or another special file");
        }
        if (isListed && attributes.isRegularFile()) {
          stamps.put(name, Stamp.of(path, attributes));
        }
      }
    }
    requireSameFiles(manifest, stamps);
    return stamps;
  }

  private static void requireSameFiles(Manifest manifest, Map<String, Stamp> found) {
    for (String listed : manifest.files().keySet()) {
      if (!found.containsKey(listed)) {
        throw altered(manifest, listed + " is gone");
      }
    }
    for (Map.Entry<String, Stamp> entry : found.entrySet()) {
      ReleaseFile listed = manifest.files().get(entry.getKey());
      if (listed == null) {
        throw altered(manifest, entry.getKey() + " was not published with it");
      }
      if (listed.size() != entry.getValue().size()) {
        throw altered(
            manifest,
            "%s has %d bytes instead of %d"
                .formatted(entry.getKey(), entry.getValue().size(), listed.size()));
      }
    }
  }

  private static ReleaseAlteredException altered(Manifest manifest, String how) {
    return new ReleaseAlteredException(
        "%s was altered: %s; use another version or restore this one"
            .formatted(manifest.id(), how));
  }
}
