package io.freshet.ingest.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Bytes fields of Avro records, read without moving the record's own position. */
public final class Bodies {
  private Bodies() {}

  /** All of it; not to be written to, it may be the record's own array. */
  public static byte[] of(ByteBuffer body) {
    boolean wholeArray =
        body.hasArray() && body.arrayOffset() == 0 && body.remaining() == body.array().length;
    return wholeArray ? body.array() : copy(body, body.remaining());
  }

  /** At most the first {@code bytes} of it, a character each. */
  public static String prefix(ByteBuffer body, int bytes) {
    return new String(copy(body, Math.min(bytes, body.remaining())), StandardCharsets.ISO_8859_1);
  }

  private static byte[] copy(ByteBuffer body, int length) {
    byte[] bytes = new byte[length];
    body.duplicate().get(bytes);
    return bytes;
  }
}
