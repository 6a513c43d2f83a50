package io.freshet.platform.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** The state directory of the embedded cluster, held by one process at a time. */
final class StateDirectory implements AutoCloseable {
  private final FileChannel channel;

  private StateDirectory(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the directory and empties its working files, which a crash leaves behind.
   *
   * @throws JobException when another process holds it
   */
  static StateDirectory take(FlinkConfig flink) {
    Path lockFile = flink.stateDir().resolve("lock");
    try {
      Files.createDirectories(flink.stateDir());
      FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        throw new JobException(
            "%s is in use by another process; stop it, or set flink.state_dir"
                .formatted(flink.stateDir()));
      }
      delete(flink.workingFiles());
      Files.createDirectories(flink.workingFiles());
      return new StateDirectory(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Lets the next process in. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
