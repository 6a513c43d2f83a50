package io.freshet.ingest.intake;

import io.freshet.platform.config.DataSize;
import io.freshet.vision.image.DecodeLimits;
import java.time.Duration;

/**
 * What decoding one body may cost, see {@link DecodeLimits}.
 *
 * @param maxBody of the encoded file
 * @param minSide pixels of the shorter side
 * @param maxSide pixels of the longer side
 * @param maxPixels width x height
 * @param maxMetadata EXIF, profiles, comments together
 * @param timeout of one decode
 */
public record DecodeConfig(
    DataSize maxBody,
    int minSide,
    int maxSide,
    long maxPixels,
    DataSize maxMetadata,
    Duration timeout) {

  public DecodeLimits limits() {
    return new DecodeLimits(
        maxBody.bytes(), minSide, maxSide, maxPixels, maxMetadata.bytes(), timeout);
  }

  /** Upper bound of the canonical encoding of an image within the limits. */
  public long maxCanonicalBytes() {
    long pixelBytes = 3 * maxPixels + maxSide;
    return pixelBytes + pixelBytes / 1000 + 1024;
  }
}
