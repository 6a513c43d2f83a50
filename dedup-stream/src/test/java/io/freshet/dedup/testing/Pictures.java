package io.freshet.dedup.testing;

import io.freshet.vision.image.RgbImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** What the web does to pictures. */
public final class Pictures {
  private Pictures() {}

  public static RgbImage jpeg(RgbImage image, float quality) {
    try {
      ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ImageOutputStream stream = ImageIO.createImageOutputStream(bytes)) {
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(quality);
        writer.setOutput(stream);
        writer.write(null, new IIOImage(buffered(image), null, null), parameters);
      } finally {
        writer.dispose();
      }
      return rgb(ImageIO.read(new ByteArrayInputStream(bytes.toByteArray())));
    } catch (IOException e) {
      throw new AssertionError("memory doesn't fail", e);
    }
  }

  public static RgbImage resized(RgbImage image, int width, int height) {
    BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = target.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(buffered(image), 0, 0, width, height, null);
    graphics.dispose();
    return rgb(target);
  }

  public static RgbImage half(RgbImage image) {
    return resized(image, image.width() / 2, image.height() / 2);
  }

  public static RgbImage mirrored(RgbImage image) {
    return mapped(image, (x, y) -> new int[] {image.width() - 1 - x, y});
  }

  /** By a quarter turn; square pictures. */
  public static RgbImage rotated(RgbImage image) {
    return mapped(image, (x, y) -> new int[] {y, image.width() - 1 - x});
  }

  public static RgbImage brightened(RgbImage image, double factor) {
    byte[] rgb = new byte[image.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.min(255, Math.round((image.rgb()[i] & 0xff) * factor));
    }
    return new RgbImage(image.width(), image.height(), rgb);
  }

  /** The middle of the picture: {@code share} of each side. */
  public static RgbImage cropped(RgbImage image, double share) {
    int width = (int) (image.width() * share);
    int height = (int) (image.height() * share);
    return square(image, (image.width() - width) / 2, (image.height() - height) / 2, width, height);
  }

  static RgbImage square(RgbImage image, int left, int top, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      int from = 3 * ((top + y) * image.width() + left);
      System.arraycopy(image.rgb(), from, rgb, 3 * y * width, 3 * width);
    }
    return new RgbImage(width, height, rgb);
  }

  static RgbImage rgb(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int at = 0;
    for (int pixel : image.getRGB(0, 0, width, height, null, 0, width)) {
      rgb[at++] = (byte) (pixel >> 16);
      rgb[at++] = (byte) (pixel >> 8);
      rgb[at++] = (byte) pixel;
    }
    return new RgbImage(width, height, rgb);
  }

  private static BufferedImage buffered(RgbImage image) {
    BufferedImage target =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int pixel =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      target.setRGB(i % image.width(), i / image.width(), pixel);
    }
    return target;
  }

  private interface Source {
    int[] of(int x, int y);
  }

  private static RgbImage mapped(RgbImage image, Source source) {
    byte[] rgb = new byte[image.rgb().length];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int[] from = source.of(x, y);
        System.arraycopy(
            image.rgb(),
            3 * (from[1] * image.width() + from[0]),
            rgb,
            3 * (y * image.width() + x),
            3);
      }
    }
    return new RgbImage(image.width(), image.height(), rgb);
  }
}
