package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.RgbImage;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** The real pictures that measurements run on: those of the demo. */
final class BenchImages {
  private BenchImages() {}

  /** Opens the demo's archives, which the caller closes. */
  static DemoImages open() {
    return DemoImages.open(Path.of(System.getProperty("freshet.home", "deploy"), "data"));
  }

  /** Squares of one half of all photographs: every {@code nth} one. */
  static List<RgbImage> squares(DemoImages images, Split split, int nth) {
    List<PhotoSquare> all = images.squares(split);
    return IntStream.range(0, all.size() / nth)
        .mapToObj(i -> rgb(images.cut(all.get(i * nth))))
        .toList();
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
