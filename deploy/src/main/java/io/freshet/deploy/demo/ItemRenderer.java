package io.freshet.deploy.demo;

import io.freshet.deploy.demo.CrawlItem.Alteration;
import io.freshet.deploy.demo.CrawlItem.Picture;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/** Turns an item of the crawl into what the site sends for it. Thread-safe. */
final class ItemRenderer {
  private static final float PHOTO_QUALITY = 0.9f;
  private static final float COPY_QUALITY = 0.6f;
  private static final byte[] ERROR_PAGE =
      "<!doctype html><title>Sorry</title><p>This picture is having a rest."
          .getBytes(StandardCharsets.UTF_8);

  private final DemoImages images;

  ItemRenderer(DemoImages images) {
    this.images = images;
  }

  /** A response's body and the content type it claims. */
  record Response(String contentType, byte[] body) {}

  /** Empty when the site has no such file (status 404). */
  Optional<Response> render(CrawlItem item) {
    if (item instanceof Picture picture) {
      return Optional.of(original(picture));
    } else if (item instanceof CrawlItem.Copy copy) {
      return Optional.of(altered(copy.original(), copy.alteration()));
    } else if (item instanceof CrawlItem.Truncated truncated) {
      Response whole = original(truncated.original());
      return Optional.of(
          new Response(
              whole.contentType(), Arrays.copyOf(whole.body(), whole.body().length * 2 / 3)));
    } else if (item instanceof CrawlItem.HtmlAsJpeg) {
      return Optional.of(new Response("image/jpeg", ERROR_PAGE));
    }
    return Optional.empty();
  }

  private Response original(Picture picture) {
    if (picture instanceof CrawlItem.Drawing drawing) {
      return new Response("image/png", images.drawing(drawing.file()));
    }
    CrawlItem.Square square = (CrawlItem.Square) picture;
    return jpeg(images.cut(square.square()), PHOTO_QUALITY);
  }

  private Response altered(Picture picture, Alteration alteration) {
    return switch (alteration) {
      case SAME_BYTES -> original(picture);
      case RE_ENCODED -> jpeg(pixels(picture), COPY_QUALITY);
      case RESIZED -> jpeg(scaled(pixels(picture), 0.75), PHOTO_QUALITY);
      case MIRRORED -> jpeg(mirrored(pixels(picture)), PHOTO_QUALITY);
    };
  }

  private BufferedImage pixels(Picture picture) {
    if (picture instanceof CrawlItem.Square square) {
      return images.cut(square.square());
    }
    CrawlItem.Drawing drawing = (CrawlItem.Drawing) picture;
    try {
      BufferedImage decoded =
          ImageIO.read(new ByteArrayInputStream(images.drawing(drawing.file())));
      return drawn(decoded, decoded.getWidth(), decoded.getHeight(), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BufferedImage scaled(BufferedImage image, double factor) {
    int width = Math.max(1, (int) Math.round(image.getWidth() * factor));
    int height = Math.max(1, (int) Math.round(image.getHeight() * factor));
    return drawn(image, width, height, false);
  }

  private static BufferedImage mirrored(BufferedImage image) {
    return drawn(image, image.getWidth(), image.getHeight(), true);
  }

  private static BufferedImage drawn(BufferedImage image, int width, int height, boolean mirror) {
    BufferedImage target = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = target.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.drawImage(image, mirror ? width : 0, 0, mirror ? -width : width, height, null);
    graphics.dispose();
    return target;
  }

  private static Response jpeg(BufferedImage image, float quality) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ByteArrayOutputStream out = new ByteArrayOutputStream(16 << 10);
        var stream = ImageIO.createImageOutputStream(out)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
      stream.flush();
      return new Response("image/jpeg", out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
  }
}
