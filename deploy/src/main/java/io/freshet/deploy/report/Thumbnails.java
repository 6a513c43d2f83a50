package io.freshet.deploy.report;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.schemas.BlobRef;
import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;

/** Stored images as small pictures that live inside a page. */
final class Thumbnails {
  private static final int SIDE = 96;

  private final BlobStore blobs;

  Thumbnails(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** The pixels, or empty when the blob is gone. */
  Optional<RgbImage> pixels(BlobRef blob) {
    try {
      return Optional.of(CanonicalEncoding.decode(blobs.read(blob)));
    } catch (BlobUnavailableException e) {
      return Optional.empty();
    }
  }

  /** A {@code data:} URI, or empty when the blob is gone. */
  Optional<String> dataUri(BlobRef blob) {
    return pixels(blob).map(Thumbnails::dataUri);
  }

  static String dataUri(RgbImage image) {
    double scale = Math.min(1, (double) SIDE / Math.max(image.width(), image.height()));
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(AwtImage.of(image), 0, 0, width, height, null);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream(8 << 10);
    try {
      ImageIO.write(small, "jpeg", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(out.toByteArray());
  }
}
