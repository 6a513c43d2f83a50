package io.freshet.dedup.testing;

import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/** The squares of the photographs that the project ships, and its drawings. */
public final class PhotoSquares {
  private static final Path DATA = Path.of("../deploy/data");

  private PhotoSquares() {}

  /**
   * @param photo the photograph that it was cut from
   */
  public record Square(String photo, int left, int top, int side, RgbImage image) {
    /** Shared area over the area of both. */
    public double overlap(Square other) {
      if (!photo.equals(other.photo)) {
        return 0;
      }
      double width = shared(left, side, other.left, other.side);
      double height = shared(top, side, other.top, other.side);
      double both = width * height;
      return both / ((double) side * side + (double) other.side * other.side - both);
    }

    private static double shared(int a, int aLength, int b, int bLength) {
      return Math.max(0, Math.min(a + aLength, b + bLength) - Math.max(a, b));
    }
  }

  /** The first squares of each photograph. */
  public static List<Square> load(int perPhoto) {
    try (ZipFile zip = new ZipFile(DATA.resolve("photos.zip").toFile())) {
      Map<String, Integer> taken = new HashMap<>();
      Map<String, RgbImage> photos = new HashMap<>();
      List<Square> squares = new ArrayList<>();
      for (String line : text(zip, "patches.csv").lines().skip(1).toList()) {
        String[] row = line.split(",", -1);
        if (taken.merge(row[0], 1, Integer::sum) > perPhoto) {
          continue;
        }
        if (!photos.containsKey(row[0])) {
          photos.put(row[0], image(zip, zip.getEntry(row[0])));
        }
        int left = Integer.parseInt(row[2]);
        int top = Integer.parseInt(row[3]);
        int side = Integer.parseInt(row[4]);
        RgbImage cut = Pictures.square(photos.get(row[0]), left, top, side, side);
        squares.add(new Square(row[0], left, top, side, cut));
      }
      return squares;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Drawings on white, every {@code step}-th. */
  public static List<RgbImage> drawings(int step) {
    try (ZipFile zip = new ZipFile(DATA.resolve("openclipart96.zip").toFile())) {
      List<? extends ZipEntry> files =
          zip.stream().filter(entry -> entry.getName().endsWith(".png")).toList();
      List<RgbImage> drawings = new ArrayList<>();
      for (int i = 0; i < files.size(); i += step) {
        drawings.add(image(zip, files.get(i)));
      }
      return drawings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RgbImage image(ZipFile zip, ZipEntry entry) throws IOException {
    return Pictures.rgb(ImageIO.read(zip.getInputStream(entry)));
  }

  private static String text(ZipFile zip, String name) throws IOException {
    return new String(
        zip.getInputStream(zip.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
  }
}
