package io.freshet.platform.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;

/**
 * Copies a release out of a catalog: into a directory beside the target, every file compared with
 * its size and SHA-256, everything synced, then renamed. The target is the whole, verified release
 * or not there at all.
 *
 * <p>Not thread-safe.
 */
public final class ReleasePull {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int MAX_BREAKS = 5;

  private final ReleaseCatalog catalog;
  private final TrustedKeys trusted;
  private final ReleaseFiles files = new DiskReleaseFiles();
  private final LongConsumer progress;

  /**
   * Copies anybody's releases.
   *
   * @param progress told the number of bytes each time some arrived
   */
  public ReleasePull(ReleaseCatalog catalog, LongConsumer progress) {
    this(catalog, TrustedKeys.of(List.of()), progress);
  }

  /**
   * @param trusted whose releases are copied
   * @param progress told the number of bytes each time some arrived
   */
  public ReleasePull(ReleaseCatalog catalog, TrustedKeys trusted, LongConsumer progress) {
    this.catalog = catalog;
    this.trusted = trusted;
    this.progress = progress;
  }

  /**
   * @param manifest as the catalog gave it, for an alias the one that the alias pins
   * @param to a directory that is not there yet, or holds this very release
   * @return false when {@code to} already held the release, intact
   * @throws IllegalArgumentException when {@code to} holds something else
   * @throws ReleaseAlteredException when the catalog has other bytes than were published; nothing
   *     stays behind
   * @throws RegistryException when the catalog or the disk failed; nothing stays behind
   */
  public boolean pull(Manifest manifest, Path to) {
    Path target = to.toAbsolutePath().normalize();
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      requireSame(manifest, target);
      return false;
    }
    Path staging =
        target.resolveSibling(".%s.%s".formatted(target.getFileName(), UUID.randomUUID()));
    try {
      byte[] bytes = catalog.manifestBytes(manifest.id());
      if (!ManifestJson.read(manifest.id(), bytes).sha256().equals(manifest.sha256())) {
        throw new IllegalArgumentException("it became another one meanwhile");
      }
      Optional<byte[]> signature = catalog.signature(manifest.id());
      trusted.require(manifest.id(), bytes, signature);
      files.createDirectories(staging);
      for (Map.Entry<String, ReleaseFile> file : manifest.files().entrySet()) {
        Path copy = staging.resolve(file.getKey());
        files.createDirectories(copy.getParent());
        copy(manifest.id(), file.getKey(), file.getValue(), copy);
        files.syncDirectory(copy.getParent());
      }
      if (signature.isPresent()) {
        files.write(staging.resolve(Manifest.SIGNATURE), signature.get());
      }
      files.write(staging.resolve(Manifest.FILE), bytes);
      files.syncDirectory(staging);
      files.rename(staging, target);
      files.syncDirectory(target.getParent());
      return true;
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "the manifest of %s was altered: %s".formatted(manifest.id(), e.getMessage()), e);
    } catch (IOException e) {
      throw new RegistryException(
          "%s was not copied to %s: %s; nothing stays there, pull again when the cause is gone"
              .formatted(manifest.id(), to, e),
          e);
    } finally {
      StagedCopies.delete(staging);
    }
  }

  private static void requireSame(Manifest manifest, Path target) {
    Path file = target.resolve(Manifest.FILE);
    byte[] bytes =
        Layout.read(file, Manifest.MAX_BYTES)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s is there already and no release; name another directory"
                            .formatted(target)));
    String found;
    try {
      found = ManifestJson.read(bytes).sha256();
    } catch (IllegalArgumentException e) {
      found = "none that is intact";
    }
    if (!found.equals(manifest.sha256())) {
      throw new IllegalArgumentException(
          "%s holds another release (manifest %s); name another directory"
              .formatted(target, found));
    }
    new Verification().verify(target, manifest);
  }

  private void copy(ModelVersion version, String path, ReleaseFile expected, Path target)
      throws IOException {
    MessageDigest digest = Digests.sha256();
    long size = 0;
    try (FileChannel out =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int breaks = 0; ; breaks++) {
        try (InputStream in = catalog.read(version, path, size)) {
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            size += read;
            if (size > expected.size()) {
              break;
            }
            digest.update(buffer, 0, read);
            write(out, buffer, read);
            progress.accept(read);
          }
          break;
        } catch (IOException e) {
          // A broken connection: go on where it broke. The disk's failures end here too, and again.
          if (breaks == MAX_BREAKS || size != out.position()) {
            throw e;
          }
        }
      }
      out.force(true);
    }
    ReleaseFile found = new ReleaseFile(size, Digests.hex(digest));
    if (!found.equals(expected)) {
      throw new ReleaseAlteredException(
          "%s of %s has other bytes than were published (%,d bytes, SHA-256 %s instead of %,d, %s)"
              .formatted(
                  path, version, found.size(), found.sha256(), expected.size(), expected.sha256()));
    }
  }

  private static void write(FileChannel out, byte[] buffer, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
