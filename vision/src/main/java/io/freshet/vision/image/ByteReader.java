package io.freshet.vision.image;

import java.nio.charset.StandardCharsets;

/** Reads a range of a body from front to back; to read past its end is TRUNCATED. */
final class ByteReader {
  private final byte[] bytes;
  private final int end;
  private final String what;
  private int position;

  /**
   * @param what names the range in errors
   */
  ByteReader(byte[] bytes, int start, int end, String what) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.what = what;
  }

  int position() {
    return position;
  }

  int remaining() {
    return end - position;
  }

  void require(long count) throws ImageRejectedException {
    if (count > remaining()) {
      throw ImageRejectedException.truncated(
          "%s ends at byte %d, %d bytes short".formatted(what, end, count - remaining()));
    }
  }

  void skip(long count) throws ImageRejectedException {
    require(count);
    position += (int) count;
  }

  int u8() throws ImageRejectedException {
    require(1);
    return bytes[position++] & 0xff;
  }

  int u16() throws ImageRejectedException {
    return u8() << 8 | u8();
  }

  long u32() throws ImageRejectedException {
    return (long) u16() << 16 | u16();
  }

  int u16Little() throws ImageRejectedException {
    return u8() | u8() << 8;
  }

  int u24Little() throws ImageRejectedException {
    return u16Little() | u8() << 16;
  }

  long u32Little() throws ImageRejectedException {
    return u16Little() | (long) u16Little() << 16;
  }

  int i32Little() throws ImageRejectedException {
    return (int) u32Little();
  }

  String ascii(int count) throws ImageRejectedException {
    require(count);
    String text = new String(bytes, position, count, StandardCharsets.ISO_8859_1);
    position += count;
    return text;
  }

  byte[] take(int count) throws ImageRejectedException {
    require(count);
    byte[] taken = new byte[count];
    System.arraycopy(bytes, position, taken, 0, count);
    position += count;
    return taken;
  }
}
