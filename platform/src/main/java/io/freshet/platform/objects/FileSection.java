package io.freshet.platform.objects;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Set;
import software.amazon.awssdk.http.ContentStreamProvider;

/** Part of a file, as often from its beginning as a request has to be repeated. One thread's. */
final class FileSection implements ContentStreamProvider, AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final FileChannel channel;
  private final Path file;
  private final long start;
  private final long bytes;

  FileSection(Path file, long start, long bytes) throws IOException {
    this.channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    this.file = file;
    this.start = start;
    this.bytes = bytes;
  }

  /**
   * SHA-256 of the section.
   *
   * @param whole is given its bytes too
   */
  byte[] digest(MessageDigest whole) throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = newStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
        whole.update(buffer, 0, read);
      }
    }
    return digest.digest();
  }

  @Override
  public InputStream newStream() {
    return new InputStream() {
      private long position;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        if (position == bytes) {
          return -1;
        }
        int wanted = (int) Math.min(length, bytes - position);
        int read = channel.read(ByteBuffer.wrap(buffer, offset, wanted), start + position);
        if (read < 0) {
          throw new EOFException(file + " became shorter while it was sent");
        }
        position += read;
        return read;
      }
    };
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
