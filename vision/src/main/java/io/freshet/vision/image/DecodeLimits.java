package io.freshet.vision.image;

import java.io.Serializable;
import java.time.Duration;

/**
 * What a body from outside may cost. Everything but the time is checked on headers, before a buffer
 * for pixels exists.
 *
 * @param maxBodyBytes bytes of the encoded file
 * @param minSide pixels of the shorter side
 * @param maxSide pixels of the longer side
 * @param maxPixels width x height
 * @param maxMetadataBytes EXIF, profiles, comments and the like, together; also the size to which a
 *     compressed profile may unfold
 * @param timeout wall time of one decode
 */
public record DecodeLimits(
    long maxBodyBytes,
    int minSide,
    int maxSide,
    long maxPixels,
    long maxMetadataBytes,
    Duration timeout)
    implements Serializable {

  /** 32 MiB, sides of 1 to 16,384 pixels, 64 megapixels, 4 MiB of metadata, 2 seconds. */
  public static final DecodeLimits DEFAULTS =
      new DecodeLimits(32L << 20, 1, 16_384, 64_000_000, 4L << 20, Duration.ofSeconds(2));

  /** The largest picture whose bytes fit one array. */
  private static final long LARGEST_PIXELS = Integer.MAX_VALUE / 3 - 8;

  public DecodeLimits {
    require(
        maxBodyBytes >= 1 && maxBodyBytes <= Integer.MAX_VALUE - 8, "maxBodyBytes", maxBodyBytes);
    require(minSide >= 1, "minSide", minSide);
    require(maxSide >= minSide, "maxSide", maxSide);
    require(maxPixels >= 1 && maxPixels <= LARGEST_PIXELS, "maxPixels", maxPixels);
    require(
        maxMetadataBytes >= 0 && maxMetadataBytes <= Integer.MAX_VALUE - 8,
        "maxMetadataBytes",
        maxMetadataBytes);
    require(timeout.compareTo(Duration.ZERO) > 0, "timeout", timeout);
  }

  /** Refuses sizes that are zero, negative, too small or too large. */
  void checkSize(long width, long height) throws ImageRejectedException {
    if (width < 1 || height < 1) {
      throw ImageRejectedException.corrupt(
          "the header says %d x %d pixels".formatted(width, height));
    }
    if (Math.min(width, height) < minSide) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.TOO_SMALL,
          "%d x %d pixels; the shorter side must be at least %d".formatted(width, height, minSide));
    }
    if (Math.max(width, height) > maxSide || Math.multiplyExact(width, height) > maxPixels) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.TOO_MANY_PIXELS,
          "%d x %d pixels; at most %d a side and %d in all"
              .formatted(width, height, maxSide, maxPixels));
    }
  }

  /** Refuses a body whose metadata, so far, is larger than the limit. */
  void checkMetadata(long bytes) throws ImageRejectedException {
    if (bytes > maxMetadataBytes) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.BODY_TOO_LARGE,
          "more than %d bytes of metadata".formatted(maxMetadataBytes));
    }
  }

  private static void require(boolean holds, String name, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("decode limit " + name + " can't be " + value);
    }
  }
}
