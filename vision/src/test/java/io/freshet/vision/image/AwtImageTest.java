package io.freshet.vision.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AwtImageTest {
  @Test
  void everyPixelIsWhereAndWhatItWas() {
    byte[] pixels = new byte[RgbImage.sizeOf(5, 3)];
    new Random(1).nextBytes(pixels);
    RgbImage image = new RgbImage(5, 3, pixels);
    BufferedImage copy = AwtImage.of(image);
    for (int i = 0; i < 15; i++) {
      int expected =
          0xff000000
              | (pixels[3 * i] & 0xff) << 16
              | (pixels[3 * i + 1] & 0xff) << 8
              | (pixels[3 * i + 2] & 0xff);
      assertEquals(expected, copy.getRGB(i % 5, i / 5));
    }
    assertEquals(image, AwtImage.rgb(copy));
  }

  @Test
  void otherTypesOfPicturesAreRead() {
    BufferedImage packed = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    packed.setRGB(1, 0, 0x80102030);
    assertEquals(new RgbImage(2, 1, new byte[] {0, 0, 0, 0x10, 0x20, 0x30}), AwtImage.rgb(packed));
  }
}
