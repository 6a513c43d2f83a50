package io.freshet.sink.server;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.BlobRef;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Small PNGs of stored images, made once and kept while they are looked at. Thread-safe. */
final class ThumbnailStore {
  static final int SIDE = 128;
  private static final int KEPT = 4_000;

  private final BlobStore blobs;
  private final Map<String, byte[]> thumbnails =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
          return size() > KEPT;
        }
      };

  ThumbnailStore(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** A PNG of at most {@value #SIDE} pixels a side; empty when the image's bytes are gone. */
  Optional<byte[]> thumbnail(String imageId, BlobRef blob) {
    synchronized (thumbnails) {
      byte[] known = thumbnails.get(imageId);
      if (known != null) {
        return Optional.of(known);
      }
    }
    try {
      byte[] made = shrink(CanonicalEncoding.decode(blobs.read(blob)));
      synchronized (thumbnails) {
        thumbnails.put(imageId, made);
      }
      return Optional.of(made);
    } catch (BlobUnavailableException e) {
      return Optional.empty();
    }
  }

  private static byte[] shrink(RgbImage image) {
    double scale = Math.min(1, (double) SIDE / Math.max(image.width(), image.height()));
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    return CanonicalEncoding.encode(PilResize.resize(image, width, height, Resampling.BILINEAR));
  }
}
