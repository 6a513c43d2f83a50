package io.freshet.vision.image;

import java.awt.image.BufferedImage;
import java.util.EnumSet;

/** Decodes WebP, lossy and lossless; of an animation the first frame, on its canvas. */
final class WebpDecoder {
  private final DecodeLimits limits;
  private final Deadline deadline;

  WebpDecoder(DecodeLimits limits, Deadline deadline) {
    this.limits = limits;
    this.deadline = deadline;
  }

  PixelLayer decode(byte[] body) throws ImageRejectedException {
    WebpContainer container = WebpContainer.read(body, limits, deadline);
    byte[] still = container.firstFrame();
    BufferedImage decoded = new ForeignReader("WebP", deadline).read(ImageReaders.webp(), still);
    if (decoded.getWidth() != container.frameWidth
        || decoded.getHeight() != container.frameHeight) {
      throw ImageRejectedException.corrupt("WebP with two sizes");
    }
    Canvas canvas = new Canvas(container.canvasWidth, container.canvasHeight);
    BufferedPixels.lay(decoded, canvas, container.left, container.top, deadline);
    return new PixelLayer(
        canvas.toImage(),
        container.frames,
        container.profile,
        container.exif,
        EnumSet.noneOf(DecodedImage.Notice.class));
  }
}
