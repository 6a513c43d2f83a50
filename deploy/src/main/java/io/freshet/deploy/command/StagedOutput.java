package io.freshet.deploy.command;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A file or directory that appears whole or not at all: it is written beside its place and moved
 * there when it is complete. Whatever is not complete at {@link #close} is deleted.
 */
final class StagedOutput implements AutoCloseable {
  private final Path target;
  private final Path staging;

  private StagedOutput(Path target, Path staging) {
    this.target = target;
    this.staging = staging;
  }

  /**
   * @param target does not exist; the directory it will be in does, or is made
   * @throws IllegalArgumentException when it exists
   */
  static StagedOutput at(Path target) throws IOException {
    Path absolute = target.toAbsolutePath().normalize();
    if (Files.exists(absolute)) {
      throw new IllegalArgumentException(target + " exists; name another, or remove it first");
    }
    Path parent = absolute.getParent();
    Files.createDirectories(parent);
    return new StagedOutput(absolute, Files.createTempDirectory(parent, ".freshet-"));
  }

  /** Where to write: a path in an empty directory, with the name that the output will have. */
  Path path() {
    return staging.resolve(target.getFileName());
  }

  /** Moves what is at {@link #path} to its place. */
  void complete() throws IOException {
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target + " was made meanwhile");
    }
    Files.move(path(), target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> left = Files.walk(staging)) {
      for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
