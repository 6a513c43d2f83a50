package io.freshet.platform.objects;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** An answer's body that fails when it ends early, which a plain connection does not. */
final class WholeInputStream extends FilterInputStream {
  private final long bytes;
  private long read;

  WholeInputStream(InputStream in, long bytes) {
    super(in);
    this.bytes = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = in.read(buffer, offset, length);
    if (count < 0 && read < bytes) {
      throw new EOFException("the answer ended after %,d of %,d bytes".formatted(read, bytes));
    }
    read += Math.max(count, 0);
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = in.skip(count);
    read += skipped;
    return skipped;
  }
}
