package io.freshet.trainer.evaluate.directory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The regular files below a directory. Symbolic links to files and to directories are followed, as
 * data sets are often put together from others.
 */
public final class FilesBelow {
  private FilesBelow() {}

  /**
   * Those that are wanted, in order.
   *
   * @param depth files in directories deeper than this are overlooked
   * @param most the list ends beyond so many, in no particular order
   * @throws IllegalArgumentException when a link leads back to where it lies
   * @throws IOException when a directory can't be listed
   */
  public static List<Path> of(Path directory, int depth, Predicate<Path> wanted, long most)
      throws IOException {
    try (Stream<Path> below = Files.walk(directory, depth, FileVisitOption.FOLLOW_LINKS)) {
      return below
          .filter(path -> wanted.test(path) && Files.isRegularFile(path))
          .limit(most + 1)
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof FileSystemLoopException loop) {
        throw new IllegalArgumentException(
            "%s is a link to a directory that it lies in; remove it".formatted(loop.getFile()), e);
      }
      throw e.getCause();
    }
  }
}
