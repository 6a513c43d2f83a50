package io.freshet.curator.job;

import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.Crop;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Squares of the demo's photographs. */
final class Photos {
  static final List<String> FILES =
      List.of("noface_coins.jpg", "noface_coffee.jpg", "noface_brick.jpg", "noface_grass.jpg");

  private Photos() {}

  static RgbImage photo(String file) {
    try {
      return new ImageDecoder(DecodeLimits.DEFAULTS)
          .decode(Files.readAllBytes(Path.of("../deploy/data/faces", file)))
          .image();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ImageRejectedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The n-th of several overlapping squares. */
  static RgbImage square(RgbImage image, int n) {
    int side = Math.min(image.width(), image.height()) / 2;
    int left = n * (image.width() - side) / 8;
    int top = n * (image.height() - side) / 9;
    return PilResize.resizedCrop(
        image, new Crop(top, left, side, side), 96, 96, Resampling.BICUBIC);
  }
}
