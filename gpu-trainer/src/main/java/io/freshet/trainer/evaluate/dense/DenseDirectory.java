package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.directory.FilesBelow;
import io.freshet.trainer.evaluate.directory.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Images with a map beside each: {@code images/NAME.jpg} (or any other format) with {@code
 * masks/NAME.png}, whose samples are class numbers (255: not counted), or {@code depth/NAME.png} of
 * 16 bits, whose samples are millimetres (0: not measured). Folders train and val within {@code
 * images} tell the split, and are repeated beside.
 *
 * @param files by name
 */
public record DenseDirectory(List<DenseFile> files) {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_FILES = 2_000_000;

  public DenseDirectory {
    files = List.copyOf(files);
  }

  /** What the maps hold. */
  public enum Kind {
    MASKS,
    DEPTH;

    String folder() {
      return switch (this) {
        case MASKS -> "masks";
        case DEPTH -> "depth";
      };
    }
  }

  /**
   * An image and its map.
   *
   * @param name relative to the folder of the images
   */
  public record DenseFile(Path image, Path map, String name, Optional<Split> split) {}

  /** Whether a directory has maps of the kind. */
  public static boolean has(Path root, Kind kind) {
    return Files.isDirectory(root.resolve("images"))
        && Files.isDirectory(root.resolve(kind.folder()));
  }

  /**
   * @throws IllegalArgumentException when fewer than two images have a map
   */
  public static DenseDirectory read(Path root, Kind kind) {
    Path images = root.resolve("images");
    Path maps = root.resolve(kind.folder());
    List<DenseFile> files = new ArrayList<>();
    try {
      List<Path> found = FilesBelow.of(images, MAX_DEPTH, path -> true, MAX_FILES);
      if (found.size() > MAX_FILES) {
        throw new IllegalArgumentException(
            "%s holds more than %,d images".formatted(images, MAX_FILES));
      }
      for (Path image : found) {
        Path relative = images.relativize(image);
        Path map = maps.resolve(relative).resolveSibling(stem(image) + ".png");
        if (Files.isRegularFile(map)) {
          files.add(
              new DenseFile(
                  image,
                  map,
                  relative.toString(),
                  relative.getNameCount() > 1
                      ? Split.of(relative.getName(0).toString())
                      : Optional.empty()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't list " + images, e);
    }
    if (files.size() < 2) {
      throw new IllegalArgumentException(
          "%d images in %s have a PNG of the same name in %s; at least 2 are needed"
              .formatted(files.size(), images, maps));
    }
    return new DenseDirectory(files);
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }
}
