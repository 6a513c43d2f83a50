package io.freshet.vision.image;

import java.awt.image.BufferedImage;
import java.util.EnumSet;
import java.util.Optional;

/** Decodes JPEG: baseline, extended and progressive, grey, YCbCr, RGB, CMYK and YCCK, 8 bits. */
final class JpegDecoder {
  private static final int MAX_SCANS = 100;

  /** Each scan of a progressive file walks all pixels, however few bytes it takes. */
  private static final long MAX_PIXELS_IN_SCANS = 1_280_000_000;

  private final DecodeLimits limits;
  private final Deadline deadline;

  JpegDecoder(DecodeLimits limits, Deadline deadline) {
    this.limits = limits;
    this.deadline = deadline;
  }

  PixelLayer decode(byte[] body) throws ImageRejectedException {
    JpegSegments segments = JpegSegments.read(body, limits, deadline);
    checkCost(segments);
    Canvas canvas = new Canvas(segments.width, segments.height);
    read(colourManaged(segments) ? segments.withoutProfile() : body, segments, canvas);
    EnumSet<DecodedImage.Notice> notices = EnumSet.noneOf(DecodedImage.Notice.class);
    Optional<byte[]> profile = Optional.empty();
    if (colourManaged(segments)) {
      profile = segments.profile();
      if (profile.isEmpty()) {
        notices.add(DecodedImage.Notice.PROFILE_IGNORED);
      }
    }
    return new PixelLayer(canvas.toImage(), 1, profile, segments.exif, notices);
  }

  private void read(byte[] body, JpegSegments segments, Canvas canvas)
      throws ImageRejectedException {
    ForeignReader reader = new ForeignReader("JPEG", deadline);
    if (segments.components == 3) {
      reader.readInto(ImageReaders.jpeg(), body, BufferedPixels.over(canvas));
      return;
    }
    BufferedImage decoded = reader.read(ImageReaders.jpeg(), body);
    if (decoded.getWidth() != segments.width || decoded.getHeight() != segments.height) {
      throw ImageRejectedException.corrupt("JPEG with two sizes");
    }
    BufferedPixels.lay(decoded, canvas, 0, 0, deadline);
  }

  /** The reader itself turns CMYK into RGB and needs the profile for it; grey goes without. */
  private static boolean colourManaged(JpegSegments segments) {
    return segments.components == 3 && segments.saysProfile();
  }

  private static void checkCost(JpegSegments segments) throws ImageRejectedException {
    long pixels = (long) segments.width * segments.height;
    if (segments.scans > MAX_SCANS || segments.scans * pixels > MAX_PIXELS_IN_SCANS) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.TOO_MANY_PIXELS,
          "JPEG of %d pixels in %d scans; at most %d scans and %d pixels in all of them"
              .formatted(pixels, segments.scans, MAX_SCANS, MAX_PIXELS_IN_SCANS));
    }
    // A block of 8 x 8 pixels takes a bit at least; components may be sampled at a quarter.
    if (pixels / (64 * 16) / 8 > segments.scanBytes) {
      throw ImageRejectedException.corrupt(
          "%d bytes of JPEG scans can't hold %d x %d pixels"
              .formatted(segments.scanBytes, segments.width, segments.height));
    }
  }
}
