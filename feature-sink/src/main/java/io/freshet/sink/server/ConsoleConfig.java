package io.freshet.sink.server;

import io.freshet.platform.config.DataSize;

/**
 * Section {@code console}.
 *
 * @param wallImages images of each verdict that the walls go back to
 * @param thumbnailMemory heap for thumbnails
 * @param featureMemory heap for the features that are searched
 * @param maxUpload largest image that may be searched with
 * @param patchImages evaluation images whose patches are shown in colour
 */
public record ConsoleConfig(
    int wallImages,
    DataSize thumbnailMemory,
    DataSize featureMemory,
    DataSize maxUpload,
    int patchImages) {
  public ConsoleConfig {
    if (wallImages < 1 || wallImages > 100_000) {
      throw new IllegalArgumentException("wall_images must be 1 to 100,000, not " + wallImages);
    }
    if (patchImages < 1 || patchImages > 32) {
      throw new IllegalArgumentException("patch_images must be 1 to 32, not " + patchImages);
    }
    if (maxUpload.bytes() < 1 || maxUpload.bytes() > 64L << 20) {
      throw new IllegalArgumentException("max_upload must be 1B to 64MiB, not " + maxUpload);
    }
  }
}
