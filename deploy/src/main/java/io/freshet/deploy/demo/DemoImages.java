package io.freshet.deploy.demo;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/**
 * The pictures that the demo serves: squares of 33 photographs and 2,237 drawings, out of the two
 * archives of {@code deploy/data}.
 *
 * <p>Thread-safe. Decoded photographs are kept (about 80 MB), drawings are read when asked for.
 */
public final class DemoImages implements AutoCloseable {
  private static final String DRAWINGS_ROOT = "openclipart96/";

  private final ZipFile photoArchive;
  private final ZipFile drawingArchive;
  private final List<PhotoSquare> squares;
  private final Map<String, DrawingLabel> labelledDrawings;
  private final List<String> drawings;
  private final Map<String, PhotoSize> photoSizes;
  private final Map<String, BufferedImage> decodedPhotos = new ConcurrentHashMap<>();

  private DemoImages(Path directory) throws IOException {
    photoArchive = new ZipFile(directory.resolve("photos.zip").toFile());
    drawingArchive = new ZipFile(directory.resolve("openclipart96.zip").toFile());
    photoSizes = new LinkedHashMap<>();
    for (List<String> row : rows(entryText(photoArchive, "photos.csv"))) {
      photoSizes.put(
          row.get(0), new PhotoSize(Integer.parseInt(row.get(1)), Integer.parseInt(row.get(2))));
    }
    squares = new ArrayList<>();
    for (List<String> row : rows(entryText(photoArchive, "patches.csv"))) {
      squares.add(
          new PhotoSquare(
              row.get(0),
              Split.of(row.get(1)),
              Integer.parseInt(row.get(2)),
              Integer.parseInt(row.get(3)),
              Integer.parseInt(row.get(4))));
    }
    labelledDrawings = new LinkedHashMap<>();
    for (List<String> row :
        rows(
            Files.readString(
                directory.resolve("openclipart96_split.csv"), StandardCharsets.UTF_8))) {
      labelledDrawings.put(row.get(0), new DrawingLabel(row.get(1), Split.of(row.get(2))));
    }
    drawings = new ArrayList<>();
    for (List<String> row : rows(entryText(drawingArchive, DRAWINGS_ROOT + "labels.csv"))) {
      drawings.add(row.get(0));
    }
  }

  /**
   * @param directory holds {@code photos.zip}, {@code openclipart96.zip} and {@code
   *     openclipart96_split.csv}
   * @throws UncheckedIOException when one is missing or unreadable
   */
  public static DemoImages open(Path directory) {
    try {
      return new DemoImages(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the demo's images in " + directory, e);
    }
  }

  /** Which half of a photograph, or which drawings: learned from, or only asked. */
  public enum Split {
    TRAIN,
    EVAL;

    static Split of(String text) {
      return switch (text) {
        case "train" -> TRAIN;
        case "eval" -> EVAL;
        default -> throw new IllegalArgumentException("split must be train or eval, not " + text);
      };
    }
  }

  /** A square of a photograph, in pixels; the photograph's file is its label. */
  public record PhotoSquare(String photo, Split split, int x, int y, int side) {}

  /** Category and split of a drawing. */
  public record DrawingLabel(String category, Split split) {}

  /** Pixels of a photograph. */
  public record PhotoSize(int width, int height) {
    /**
     * Width and height of the half that training squares are cut from: the left one of a wide
     * photograph, the upper one of a tall one.
     */
    public PhotoSize trainHalf() {
      return width >= height ? new PhotoSize(width / 2, height) : new PhotoSize(width, height / 2);
    }
  }

  public List<PhotoSquare> squares(Split split) {
    return squares.stream().filter(square -> square.split() == split).toList();
  }

  /** The drawings of the nine evaluated categories, by file. */
  public Map<String, DrawingLabel> labelledDrawings() {
    return Map.copyOf(labelledDrawings);
  }

  /** Files of all drawings, labelled or not, in the archive's order. */
  public List<String> drawings() {
    return List.copyOf(drawings);
  }

  public Map<String, PhotoSize> photoSizes() {
    return Map.copyOf(photoSizes);
  }

  /** The pixels of a square; the caller owns the copy. */
  public BufferedImage cut(PhotoSquare square) {
    BufferedImage photo =
        decodedPhotos.computeIfAbsent(square.photo(), file -> decode(entry(photoArchive, file)));
    BufferedImage copy =
        new BufferedImage(square.side(), square.side(), BufferedImage.TYPE_3BYTE_BGR);
    copy.getGraphics()
        .drawImage(
            photo.getSubimage(square.x(), square.y(), square.side(), square.side()), 0, 0, null);
    return copy;
  }

  /** The PNG file of a drawing. */
  public byte[] drawing(String file) {
    return entry(drawingArchive, DRAWINGS_ROOT + file);
  }

  @Override
  public void close() {
    try {
      photoArchive.close();
      drawingArchive.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BufferedImage decode(byte[] file) {
    try {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
      BufferedImage rgb =
          new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
      rgb.getGraphics().drawImage(image, 0, 0, null);
      return rgb;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String entryText(ZipFile archive, String name) {
    return new String(entry(archive, name), StandardCharsets.UTF_8);
  }

  private static byte[] entry(ZipFile archive, String name) {
    var entry = archive.getEntry(name);
    if (entry == null) {
      throw new IllegalArgumentException("no " + name + " in " + archive.getName());
    }
    try (var in = archive.getInputStream(entry);
        var out = new ByteArrayOutputStream((int) Math.max(entry.getSize(), 64))) {
      in.transferTo(out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows below the header; a field in double quotes may hold commas. */
  private static List<List<String>> rows(String csv) {
    List<List<String>> rows = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          rows.add(List.of(line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
