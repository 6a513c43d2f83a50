package io.freshet.dedup.embed;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.testing.PhotoSquares;
import io.freshet.dedup.testing.Pictures;
import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PixelHashTest {
  private static final int MIN_QUALITY = 50;
  private static final int MAX_DISTANCE = 31;

  /** A square of each photograph, of those with a hash that says enough: 100 to 160 pixels. */
  private static final List<RgbImage> PHOTOS =
      PhotoSquares.load(1).stream()
          .map(PhotoSquares.Square::image)
          .filter(image -> PixelHash.all(image).get(0).quality() >= MIN_QUALITY)
          .toList();

  @Test
  void paddedCopiesHaveTheirOriginalsInside() {
    requireAlmostAllFound(photo -> around(photo, Color.WHITE));
    requireAlmostAllFound(photo -> around(photo, Color.BLACK));
    requireAlmostAllFound(photo -> Pictures.jpeg(around(photo, Color.BLACK), 0.75f));
  }

  @Test
  void soHaveThoseInAWindow() {
    requireAlmostAllFound(
        photo -> {
          BufferedImage window = AwtImage.of(around(photo, Color.LIGHT_GRAY));
          Graphics2D graphics = window.createGraphics();
          graphics.setColor(Color.DARK_GRAY);
          graphics.fillRect(0, 0, window.getWidth(), photo.height() / 16);
          graphics.dispose();
          return AwtImage.rgb(window);
        });
  }

  @Test
  void mostPhotographsHaveNoBorder() {
    long hashes = PHOTOS.stream().mapToLong(photo -> PixelHash.all(photo).size()).sum();
    assertTrue(hashes <= 1.3 * PHOTOS.size(), hashes + " hashes of " + PHOTOS.size());
  }

  private static void requireAlmostAllFound(UnaryOperator<RgbImage> copy) {
    long found =
        PHOTOS.stream().filter(photo -> distance(photo, copy.apply(photo)) <= MAX_DISTANCE).count();
    assertTrue(found >= 0.9 * PHOTOS.size(), found + " of " + PHOTOS.size());
  }

  private static int distance(RgbImage original, RgbImage copy) {
    return PixelHash.distance(PixelHash.all(original), PixelHash.all(copy), MIN_QUALITY);
  }

  private static RgbImage around(RgbImage image, Color colour) {
    int border = image.width() / 8;
    BufferedImage padded =
        new BufferedImage(
            image.width() + 2 * border, image.height() + 2 * border, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = padded.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(0, 0, padded.getWidth(), padded.getHeight());
    graphics.drawImage(AwtImage.of(image), border, border, null);
    graphics.dispose();
    return AwtImage.rgb(padded);
  }
}
