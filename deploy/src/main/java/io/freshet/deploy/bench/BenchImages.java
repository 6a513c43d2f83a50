package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/** The real pictures that measurements run on: those of the demo. */
final class BenchImages {
  private static final ImageDecoder DECODER = new ImageDecoder(DecodeLimits.DEFAULTS);

  private BenchImages() {}

  /** Opens the demo's archives, which the caller closes. */
  static DemoImages open() {
    return DemoImages.open(Path.of(System.getProperty("freshet.home", "deploy"), "data"));
  }

  /** The squares of one half of all photographs, photograph after photograph. */
  static List<RgbImage> squares(DemoImages images, Split split) {
    return images.squares(split).stream().map(square -> square(images, square)).toList();
  }

  static RgbImage square(DemoImages images, PhotoSquare square) {
    return rgb(images.cut(square));
  }

  /** A drawing as the stream's decoder gives it, on white. */
  static RgbImage drawing(DemoImages images, String file) {
    try {
      return DECODER.decode(images.drawing(file)).image();
    } catch (ImageRejectedException e) {
      throw new IllegalStateException("the demo's drawing " + file + " can't be read", e);
    }
  }

  private static RgbImage rgb(BufferedImage image) {
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
