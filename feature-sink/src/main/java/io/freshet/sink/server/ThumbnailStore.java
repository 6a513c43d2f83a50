package io.freshet.sink.server;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.BlobRef;
import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.imageio.ImageIO;

/**
 * Small JPEGs of stored images, made once and kept within a bound of memory; those that were not
 * looked at for longest go first. Who asks for one that is being made waits for it.
 *
 * <p>Thread-safe.
 */
final class ThumbnailStore {
  static final int SIDE = 160;

  private final BlobStore blobs;
  private final long maxBytes;
  private final Map<String, byte[]> made = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, CompletableFuture<Optional<byte[]>>> making = new HashMap<>();
  private long bytes;

  ThumbnailStore(BlobStore blobs, long maxBytes) {
    this.blobs = blobs;
    this.maxBytes = maxBytes;
  }

  /** A JPEG of at most {@value #SIDE} pixels a side; empty when the image's bytes are gone. */
  Optional<byte[]> thumbnail(String imageId, BlobRef blob) {
    CompletableFuture<Optional<byte[]>> mine = new CompletableFuture<>();
    CompletableFuture<Optional<byte[]>> others;
    synchronized (made) {
      byte[] known = made.get(imageId);
      if (known != null) {
        return Optional.of(known);
      }
      others = making.putIfAbsent(imageId, mine);
    }
    return others == null ? make(imageId, blob, mine) : await(others);
  }

  private Optional<byte[]> make(
      String imageId, BlobRef blob, CompletableFuture<Optional<byte[]>> promise) {
    try {
      Optional<byte[]> thumbnail = make(blob);
      keep(imageId, thumbnail);
      promise.complete(thumbnail);
      return thumbnail;
    } catch (RuntimeException | Error e) {
      // Also when memory ran out: others wait for the promise.
      keep(imageId, Optional.empty());
      promise.completeExceptionally(e);
      throw e;
    }
  }

  private static Optional<byte[]> await(CompletableFuture<Optional<byte[]>> promise) {
    try {
      return promise.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private void keep(String imageId, Optional<byte[]> thumbnail) {
    synchronized (made) {
      making.remove(imageId);
      if (thumbnail.isEmpty()) {
        return;
      }
      made.put(imageId, thumbnail.get());
      bytes += thumbnail.get().length;
      var eldest = made.entrySet().iterator();
      while (bytes > maxBytes) {
        bytes -= eldest.next().getValue().length;
        eldest.remove();
      }
    }
  }

  private Optional<byte[]> make(BlobRef blob) {
    try {
      return Optional.of(shrink(CanonicalEncoding.decode(blobs.read(blob))));
    } catch (BlobUnavailableException e) {
      return Optional.empty();
    }
  }

  private static byte[] shrink(RgbImage image) {
    double scale = Math.min(1, (double) SIDE / Math.max(image.width(), image.height()));
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    RgbImage small = PilResize.resize(image, width, height, Resampling.BILINEAR);
    ByteArrayOutputStream out = new ByteArrayOutputStream(8 << 10);
    try {
      ImageIO.write(AwtImage.of(small), "jpeg", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
