package io.freshet.trainer.data;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.BlobRef;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pixels by reference. Bytes that are gone or were altered, or that are no canonical image, are
 * empty; a disk that doesn't answer is tried again and then thrown.
 *
 * <p>Thread-safe.
 */
public final class ImageLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(ImageLibrary.class);
  private static final int ATTEMPTS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

  private final BlobStore blobs;

  /**
   * @param blobs stays the caller's
   */
  public ImageLibrary(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * @throws UncheckedIOException when the disk refused {@value #ATTEMPTS} times
   */
  public Optional<RgbImage> read(BlobRef ref) {
    try {
      return Optional.of(CanonicalEncoding.decode(bytes(ref)));
    } catch (BlobUnavailableException | IllegalArgumentException e) {
      LOG.warn("image left out: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private byte[] bytes(BlobRef ref) {
    for (int attempt = 1; ; attempt++) {
      try {
        return blobs.read(ref);
      } catch (UncheckedIOException e) {
        if (attempt == ATTEMPTS || !pause(attempt)) {
          throw e;
        }
      }
    }
  }

  private static boolean pause(int attempt) {
    try {
      Thread.sleep(FIRST_PAUSE.toMillis() << (attempt - 1));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
