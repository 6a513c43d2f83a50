package io.freshet.ingest;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;

/** Images for tests: real photographs, and small ones drawn from a seed. */
public final class Pictures {
  private static final Path PHOTOS = Path.of("..", "deploy", "data", "photos.zip");

  private Pictures() {}

  /** The first photographs of the collection, by file name. */
  public static Map<String, byte[]> photos(int count) {
    Map<String, byte[]> photos = new TreeMap<>();
    try (InputStream file = Files.newInputStream(PHOTOS);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry();
          entry != null && photos.size() < count;
          entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".jpg")) {
          photos.put(entry.getName(), zip.readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return photos;
  }

  /** Blocks of random colours; another seed is another picture. */
  public static byte[] drawn(String format, int width, int height, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] colours = random.ints(64).toArray();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, colours[8 * (8 * y / height) + 8 * x / width] & 0xFFFFFF);
      }
    }
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, encoded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return encoded.toByteArray();
  }
}
