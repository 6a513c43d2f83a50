package io.freshet.platform.registry;

import java.nio.file.Path;

/** A release outside a registry, as {@link ReleasePull} leaves it. */
public final class ReleaseDirectory {
  private ReleaseDirectory() {}

  /**
   * Compares every file with the manifest.
   *
   * @return the manifest
   * @throws IllegalArgumentException when there is no {@code manifest.json}
   * @throws ReleaseAlteredException when the directory isn't exactly what its manifest lists
   */
  public static Manifest verify(Path dir) {
    Path file = dir.resolve(Manifest.FILE);
    byte[] bytes =
        Layout.read(file, Manifest.MAX_BYTES)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s is no release, it has no %s".formatted(dir, Manifest.FILE)));
    Manifest manifest;
    try {
      manifest = ManifestJson.read(bytes);
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "%s was altered: %s; pull the release again".formatted(file, e.getMessage()), e);
    }
    new Verification().verify(dir, manifest);
    return manifest;
  }
}
