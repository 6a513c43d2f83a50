package io.freshet.vision.image;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a format's decoder hands to {@link ImageDecoder}: pixels as stored, and the metadata that is
 * still to be applied.
 *
 * @param profile an ICC profile of the RGB samples
 * @param exif a TIFF structure that may hold the orientation
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PixelLayer(
    RgbImage image,
    int frames,
    Optional<byte[]> profile,
    Optional<byte[]> exif,
    Set<DecodedImage.Notice> notices) {

  static PixelLayer plain(RgbImage image, int frames) {
    return new PixelLayer(
        image,
        frames,
        Optional.empty(),
        Optional.empty(),
        EnumSet.noneOf(DecodedImage.Notice.class));
  }
}
