package io.freshet.vision.image;

import io.freshet.vision.image.DecodedImage.Notice;
import io.freshet.vision.image.ImageRejectedException.Reason;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Decodes a body that a stranger sent: JPEG, PNG, GIF, WebP or BMP, told apart by their first
 * bytes.
 *
 * <p>The result is the first frame, turned upright as its EXIF orientation says, converted to sRGB,
 * its alpha laid on white, 8 bits a channel. The same bytes give the same pixels on every thread
 * and in every JVM of one build of Java (two builds may bring different JPEG libraries, which
 * differ by a grey level).
 *
 * <p>A body is either decoded in full or refused: one that ends early, or whose coded data is
 * damaged so that a viewer would show part of the picture, is no image. Bytes behind the end of the
 * image are ignored and never survive. Whatever the bytes are, {@link #decode} throws nothing but
 * {@link ImageRejectedException}.
 *
 * <p>Immutable and thread-safe; nothing is written to disk.
 */
public final class ImageDecoder {
  private final DecodeLimits limits;
  private final LongSupplier nanoTime;

  public ImageDecoder(DecodeLimits limits) {
    this(limits, System::nanoTime);
  }

  /**
   * @param nanoTime the clock that the time limit is read from
   */
  public ImageDecoder(DecodeLimits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  /**
   * @param body the whole encoded file; not changed
   * @throws ImageRejectedException when the bytes give no image within the limits
   */
  public DecodedImage decode(byte[] body) throws ImageRejectedException {
    if (body.length == 0) {
      throw new ImageRejectedException(Reason.BODY_EMPTY, "a body of 0 bytes");
    }
    if (body.length > limits.maxBodyBytes()) {
      throw new ImageRejectedException(
          Reason.BODY_TOO_LARGE,
          "a body of %d bytes; at most %d are read".formatted(body.length, limits.maxBodyBytes()));
    }
    Format format = Sniffer.sniff(body);
    try {
      Deadline deadline = new Deadline(nanoTime, limits.timeout());
      return finish(format, pixels(format, body, deadline));
    } catch (Deadline.DeadlinePassedException e) {
      throw new ImageRejectedException(
          Reason.DECODE_TIMEOUT,
          "%s not decoded within %d ms".formatted(format, limits.timeout().toMillis()),
          e);
    }
  }

  private PixelLayer pixels(Format format, byte[] body, Deadline deadline)
      throws ImageRejectedException {
    return switch (format) {
      case JPEG -> new JpegDecoder(limits, deadline).decode(body);
      case PNG -> new PngDecoder(limits, deadline).decode(body);
      case GIF -> new GifDecoder(limits, deadline).decode(body);
      case WEBP -> new WebpDecoder(limits, deadline).decode(body);
      case BMP -> new BmpDecoder(limits, deadline).decode(body);
    };
  }

  private static DecodedImage finish(Format format, PixelLayer layer) {
    Set<Notice> notices = EnumSet.noneOf(Notice.class);
    notices.addAll(layer.notices());
    RgbImage image = layer.image();
    if (layer.profile().isPresent() && !ColourProfile.toSrgb(image, layer.profile().get())) {
      notices.add(Notice.PROFILE_IGNORED);
    }
    int orientation = 1;
    if (layer.exif().isPresent()) {
      OptionalInt found = Exif.orientation(layer.exif().get());
      if (found.isEmpty()) {
        notices.add(Notice.EXIF_IGNORED);
      }
      orientation = found.orElse(1);
    }
    return new DecodedImage(
        Orientation.upright(image, orientation), format, layer.frames(), orientation, notices);
  }
}
