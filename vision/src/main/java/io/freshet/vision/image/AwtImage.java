package io.freshet.vision.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;

/** Pictures to and from those that the JDK draws on and writes. Samples are copied as they are. */
public final class AwtImage {
  private AwtImage() {}

  /** A copy that can be drawn on, of {@link BufferedImage#TYPE_3BYTE_BGR}. */
  public static BufferedImage of(RgbImage image) {
    BufferedImage copy =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] rgb = image.rgb();
    byte[] bgr = ((DataBufferByte) copy.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < rgb.length; i += 3) {
      bgr[i] = rgb[i + 2];
      bgr[i + 1] = rgb[i + 1];
      bgr[i + 2] = rgb[i];
    }
    return copy;
  }

  /** The pixels of a picture of any type in sRGB; alpha is dropped. */
  public static RgbImage rgb(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] packed = image.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    for (int i = 0; i < packed.length; i++) {
      rgb[3 * i] = (byte) (packed[i] >> 16);
      rgb[3 * i + 1] = (byte) (packed[i] >> 8);
      rgb[3 * i + 2] = (byte) packed[i];
    }
    return new RgbImage(width, height, rgb);
  }
}
