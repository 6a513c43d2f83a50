package io.freshet.deploy.command;

import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The image files that a user named. Not thread-safe. */
final class ImageFiles {
  private static final int MAX_DEPTH = 8;
  private static final long MAX_BODY_BYTES = 32 << 20;

  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULTS);

  /** Files as they are, directories with everything below them, by name. */
  static List<Path> under(List<Path> named) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : named) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> below = Files.walk(path, MAX_DEPTH)) {
          below.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
      } else {
        files.add(path);
      }
    }
    return files;
  }

  /**
   * The picture in a file.
   *
   * @throws ImageRejectedException when it is none, damaged, or beyond the limits
   */
  RgbImage read(Path file) throws IOException, ImageRejectedException {
    if (Files.size(file) > MAX_BODY_BYTES) {
      throw new ImageRejectedException(
          ImageRejectedException.Reason.BODY_TOO_LARGE,
          "%,d bytes, the limit is %,d".formatted(Files.size(file), MAX_BODY_BYTES));
    }
    return decoder.decode(Files.readAllBytes(file)).image();
  }
}
