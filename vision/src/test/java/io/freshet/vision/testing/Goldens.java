package io.freshet.vision.testing;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds reference numbers: {@code -Dgoldens.dir=DIR} takes them from {@code DIR/<area>}, else from
 * the test resources {@code goldens/<area>} of the module under test. Tests discover their cases in
 * the folder, so another directory of the same layout runs the same tests.
 */
public final class Goldens {

  private Goldens() {}

  /** The folder of one area, for example {@code vit}. */
  public static Path dir(String area) {
    String override = System.getProperty("goldens.dir", "");
    if (!override.isBlank()) {
      return existing(Path.of(override, area));
    }
    URL resource = Thread.currentThread().getContextClassLoader().getResource("goldens/" + area);
    if (resource == null) {
      throw new IllegalStateException(
          "no test resource goldens/" + area + "; name a folder with -Dgoldens.dir=DIR");
    }
    try {
      return existing(Path.of(resource.toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(resource.toString(), e);
    }
  }

  /**
   * The case names: files of {@code area} that end in {@code suffix}, without it, sorted. At least
   * one.
   */
  public static List<String> cases(String area, String suffix) {
    try (Stream<Path> files = Files.list(dir(area))) {
      List<String> found =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(suffix))
              .map(name -> name.substring(0, name.length() - suffix.length()))
              .sorted()
              .toList();
      if (found.isEmpty()) {
        throw new IllegalStateException(dir(area) + " holds no *" + suffix);
      }
      return found;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The arrays of {@code area/file}. */
  public static Npz npz(String area, String file) {
    try {
      return Npz.read(dir(area).resolve(file));
    } catch (IOException e) {
      throw new IllegalStateException("reading " + dir(area).resolve(file), e);
    }
  }

  private static Path existing(Path dir) {
    if (!Files.isDirectory(dir)) {
      throw new IllegalStateException(dir.toAbsolutePath() + " is no folder of reference numbers");
    }
    return dir;
  }
}
