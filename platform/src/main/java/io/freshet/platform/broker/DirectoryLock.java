package io.freshet.platform.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second broker off a data directory before it has touched anything there. Kafka has locks
 * of its own, but finds them taken only half way into a start that it can't undo.
 */
final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "broker.lock";

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  static DirectoryLock take(Path directory) {
    try {
      FileChannel channel =
          FileChannel.open(
              directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new BrokerException(
            "%s is in use by another broker; stop it, or set broker.data_dir".formatted(directory),
            null);
      }
      return new DirectoryLock(channel);
    } catch (IOException e) {
      throw new BrokerException(
          "%s can't be locked: %s; it must be writable".formatted(directory, e), e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
