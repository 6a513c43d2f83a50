package io.freshet.trainer.testing;

import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;

/** Squares of real photographs; the label of a square is its photograph. */
public final class PhotoSquares {

  private static final Path ARCHIVE = Path.of("..", "deploy", "data", "photos.zip");

  /** These photographs are no attack; a busy machine may take its time over them. */
  private static final DecodeLimits LIMITS =
      new DecodeLimits(32L << 20, 1, 16_384, 64_000_000, 4L << 20, Duration.ofMinutes(2));

  private PhotoSquares() {}

  /** A square and the number of its photograph. */
  public record Square(RgbImage image, int label) {}

  /**
   * All squares of one split.
   *
   * @param split train or eval; they lie in different halves of each photograph
   */
  public static List<Square> read(String split) throws IOException, ImageRejectedException {
    ImageDecoder decoder = new ImageDecoder(LIMITS);
    Map<String, RgbImage> photos = new LinkedHashMap<>();
    List<String> labels = new ArrayList<>();
    List<Square> squares = new ArrayList<>();
    try (ZipFile zip = new ZipFile(ARCHIVE.toFile())) {
      String patches =
          new String(
              zip.getInputStream(zip.getEntry("patches.csv")).readAllBytes(),
              StandardCharsets.UTF_8);
      for (String line : patches.lines().skip(1).toList()) {
        String[] fields = line.split(",", -1);
        RgbImage photo = photos.get(fields[0]);
        if (photo == null) {
          photo =
              decoder.decode(zip.getInputStream(zip.getEntry(fields[0])).readAllBytes()).image();
          photos.put(fields[0], photo);
          labels.add(fields[0]);
        }
        if (fields[1].equals(split)) {
          int side = Integer.parseInt(fields[4]);
          RgbImage square =
              cut(photo, Integer.parseInt(fields[2]), Integer.parseInt(fields[3]), side);
          squares.add(new Square(square, labels.indexOf(fields[0])));
        }
      }
    }
    return squares;
  }

  private static RgbImage cut(RgbImage photo, int left, int top, int side) {
    byte[] rgb = new byte[3 * side * side];
    for (int row = 0; row < side; row++) {
      System.arraycopy(
          photo.rgb(), 3 * ((top + row) * photo.width() + left), rgb, 3 * row * side, 3 * side);
    }
    return new RgbImage(side, side, rgb);
  }
}
