package io.freshet.platform.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Copies a release out of a catalog: into a directory beside the target, every file compared with
 * its size and SHA-256, everything synced, then renamed. The target is the whole, verified release
 * or not there at all.
 *
 * <p>Not thread-safe.
 */
public final class ReleasePull {
  private final ReleaseCatalog catalog;
  private final TrustedKeys trusted;
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
   * @throws ReleaseAlteredException when the catalog, or {@code to}, has other bytes than were
   *     published, or no trusted key signed the release; nothing stays behind
   * @throws RegistryException when the catalog or the disk failed; nothing stays behind
   */
  public boolean pull(Manifest manifest, Path to) {
    Path target = to.toAbsolutePath().normalize();
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      requireSame(manifest, target);
      return false;
    }
    ModelVersion version = manifest.id();
    try {
      byte[] bytes = catalog.manifestBytes(version);
      if (!ManifestJson.read(version, bytes).sha256().equals(manifest.sha256())) {
        throw new IllegalArgumentException("it became another one meanwhile");
      }
      Optional<byte[]> signature = catalog.signature(version);
      trusted.require(version, bytes, signature);
      new ReleaseCopy(manifest, bytes, signature)
          .make((path, offset) -> catalog.read(version, path, offset), target, progress);
      return true;
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "the manifest of %s was altered: %s".formatted(manifest.id(), e.getMessage()), e);
    } catch (IOException e) {
      throw new RegistryException(
          "%s was not copied to %s: %s; nothing stays there, pull again when the cause is gone"
              .formatted(manifest.id(), to, e),
          e);
    }
  }

  private void requireSame(Manifest manifest, Path target) {
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
    trusted.require(
        manifest.id(),
        bytes,
        Layout.read(target.resolve(Manifest.SIGNATURE), TrustedKeys.SIGNATURE_BYTES));
    new Verification().verify(target, manifest);
  }
}
