package io.freshet.vision.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The pictures under {@code images/}, see the README there. */
final class Corpus {
  private static final String EXPECTED = ".expected.png";

  private Corpus() {}

  /** Names of all encoded pictures. */
  static List<String> names() {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(EXPECTED) && !name.endsWith(".md"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(directory().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean hasExpected(String name) {
    return Files.exists(directory().resolve(name + EXPECTED));
  }

  /** The pixels that an independent decoder makes of it, read by the JDK and not by our decoder. */
  static RgbImage expected(String name) {
    try {
      var image = javax.imageio.ImageIO.read(directory().resolve(name + EXPECTED).toFile());
      int w = image.getWidth();
      int h = image.getHeight();
      byte[] rgb = new byte[RgbImage.sizeOf(w, h)];
      for (int i = 0; i < w * h; i++) {
        int argb = image.getRGB(i % w, i / w);
        rgb[3 * i] = (byte) (argb >> 16);
        rgb[3 * i + 1] = (byte) (argb >> 8);
        rgb[3 * i + 2] = (byte) argb;
      }
      return new RgbImage(w, h, rgb);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int maxDifference(RgbImage a, RgbImage b) {
    int max = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      max = Math.max(max, Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff)));
    }
    return max;
  }

  /** Peak signal-to-noise ratio in dB. */
  static double psnr(RgbImage a, RgbImage b) {
    double squares = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      double difference = (a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff);
      squares += difference * difference;
    }
    return 10 * Math.log10(255.0 * 255.0 * a.rgb().length / squares);
  }

  private static Path directory() {
    try {
      return Path.of(Corpus.class.getResource("/images").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
