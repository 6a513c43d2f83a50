package io.freshet.ingest.fetch;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * Reads a response body with a cap on the bytes that the server sends and on the bytes that they
 * unpack to, so neither an endless body nor a compression bomb fills the memory.
 */
final class CappedBody {
  /** The body is larger than allowed. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String what, long limit) {
      super("%s exceeds %d bytes".formatted(what, limit));
    }
  }

  /** The body is packed in a way that was not asked for and isn't known. */
  static final class UnknownEncodingException extends IOException {
    private static final long serialVersionUID = 1L;

    UnknownEncodingException(String encoding) {
      super("content encoding '%s' is none of identity, gzip, deflate".formatted(encoding));
    }
  }

  private static final int BUFFER_BYTES = 16 * 1024;

  private CappedBody() {}

  /**
   * @param contentEncoding the header, empty when there is none
   */
  static byte[] read(InputStream wire, String contentEncoding, long maxBytes, Deadline deadline)
      throws IOException {
    InputStream capped = new CappedStream(wire, "body", maxBytes, deadline);
    InputStream content =
        switch (contentEncoding.strip().toLowerCase(Locale.ROOT)) {
          case "", "identity" -> capped;
          case "gzip", "x-gzip" -> unpacked(new GZIPInputStream(capped), maxBytes, deadline);
          case "deflate" -> unpacked(new InflaterInputStream(capped), maxBytes, deadline);
          default -> throw new UnknownEncodingException(contentEncoding);
        };
    ByteArrayOutputStream body = new ByteArrayOutputStream(BUFFER_BYTES);
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
      body.write(buffer, 0, n);
    }
    // An unpacked stream ends before its source: read the source out so the connection can be kept.
    int rest;
    do {
      rest = capped.read(buffer);
    } while (rest >= 0);
    return body.toByteArray();
  }

  private static InputStream unpacked(InputStream stream, long maxBytes, Deadline deadline) {
    return new CappedStream(stream, "unpacked body", maxBytes, deadline);
  }

  /** Never closes its source: closing would read an endless body to its end. */
  private static final class CappedStream extends FilterInputStream {
    private final String what;
    private final long maxBytes;
    private final Deadline deadline;
    private long count;

    CappedStream(InputStream in, String what, long maxBytes, Deadline deadline) {
      super(in);
      this.what = what;
      this.maxBytes = maxBytes;
      this.deadline = deadline;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (deadline.hasPassed()) {
        throw new IOException("deadline of %s passed".formatted(deadline.allowed()));
      }
      int n = in.read(buffer, offset, length);
      count += Math.max(n, 0);
      if (count > maxBytes) {
        throw new TooLargeException(what, maxBytes);
      }
      return n;
    }

    @Override
    public void close() {}
  }
}
