package io.freshet.trainer.evaluate.dense;

import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A PNG whose samples are numbers, not colours: one channel of 8 or 16 bits, or palette indices.
 *
 * @param samples row by row
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PixelMap(int width, int height, int[] samples) {
  private static final long MAX_PIXELS = 64_000_000;

  /**
   * @throws IllegalArgumentException when it is no such file, or too large
   */
  static PixelMap read(Path file) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(Files.newInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("png");
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
          throw new IllegalArgumentException(
              "%s has %,d pixels, at most %,d are read".formatted(file, pixels, MAX_PIXELS));
        }
        return of(file, reader.read(0).getRaster());
      } finally {
        reader.dispose();
      }
    }
  }

  private static PixelMap of(Path file, Raster raster) {
    if (raster.getNumBands() != 1) {
      throw new IllegalArgumentException(
          "%s has %d channels; a map has one, of numbers or palette indices"
              .formatted(file, raster.getNumBands()));
    }
    int width = raster.getWidth();
    int height = raster.getHeight();
    return new PixelMap(
        width, height, raster.getSamples(0, 0, width, height, 0, new int[width * height]));
  }

  /** The samples under the pixels of the prepared image, row by row. */
  int[] under(CentreCrop crop) {
    int[] sources = crop.sources(width, height);
    int[] under = new int[sources.length];
    for (int i = 0; i < under.length; i++) {
      under[i] = samples[sources[i]];
    }
    return under;
  }
}
