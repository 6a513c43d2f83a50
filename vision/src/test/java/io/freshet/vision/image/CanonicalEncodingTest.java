package io.freshet.vision.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class CanonicalEncodingTest {
  @Test
  void keepsEveryPixel() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    for (int[] size : new int[][] {{1, 1}, {1, 300}, {300, 1}, {17, 23}, {140, 230}, {11_000, 2}}) {
      byte[] rgb = new byte[RgbImage.sizeOf(size[0], size[1])];
      random.nextBytes(rgb);
      RgbImage image = new RgbImage(size[0], size[1], rgb);
      byte[] png = CanonicalEncoding.encode(image);
      assertEquals(image, CanonicalEncoding.decode(png));
      assertEquals(
          image, new ImageDecoder(DecodeLimits.DEFAULTS).decode(png).image(), "as any other PNG");
    }
  }

  @Test
  void isAPngThatOthersRead() throws Exception {
    RgbImage image = Corpus.expected("rgb.png");
    var other = ImageIO.read(new ByteArrayInputStream(CanonicalEncoding.encode(image)));
    for (int i = 0; i < image.width() * image.height(); i++) {
      int rgb = other.getRGB(i % image.width(), i / image.width()) & 0xffffff;
      int expected =
          (image.rgb()[3 * i] & 0xff) << 16
              | (image.rgb()[3 * i + 1] & 0xff) << 8
              | (image.rgb()[3 * i + 2] & 0xff);
      assertEquals(expected, rgb);
    }
  }

  @Test
  void refusesEverythingElse() {
    byte[] png = CanonicalEncoding.encode(Corpus.expected("rgb.png"));
    assertThrows(
        IllegalArgumentException.class,
        () -> CanonicalEncoding.decode(Arrays.copyOf(png, png.length - 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> CanonicalEncoding.decode(Arrays.copyOf(png, png.length + 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> CanonicalEncoding.decode(Corpus.bytes("baseline-420.jpg")));
    assertThrows(
        IllegalArgumentException.class, () -> CanonicalEncoding.decode(Corpus.bytes("grey.png")));
    for (int i = 0; i < png.length; i++) {
      byte[] flipped = png.clone();
      flipped[i] ^= 0x10;
      assertThrows(IllegalArgumentException.class, () -> CanonicalEncoding.decode(flipped));
    }
  }

  @Test
  void namesPixelsAndSizeAndNothingElse() {
    RgbImage wide = new RgbImage(2, 1, new byte[] {1, 2, 3, 4, 5, 6});
    RgbImage tall = new RgbImage(1, 2, new byte[] {1, 2, 3, 4, 5, 6});
    assertEquals(
        CanonicalEncoding.imageId(wide), CanonicalEncoding.imageId(new RgbImage(2, 1, wide.rgb())));
    assertNotEquals(CanonicalEncoding.imageId(wide), CanonicalEncoding.imageId(tall));
  }

  /** Ids are stored; the value may never change. */
  @Test
  void keepsTheIdsOfEarlierVersions() {
    RgbImage wide = new RgbImage(2, 1, new byte[] {1, 2, 3, 4, 5, 6});
    assertEquals(
        "d8e21e2b517c196267925319f59f67a3370f9cbcb2d0fe1448e7625696ca9a1e",
        CanonicalEncoding.imageId(wide));
  }
}
