package io.freshet.platform.blob;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The part of POSIX ustar that shards use: regular files with short names.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html">POSIX pax</a>
 */
final class TarFormat {
  static final int BLOCK = 512;

  /** Two zero blocks end an archive. */
  static final int TRAILER = 2 * BLOCK;

  private static final Pattern ENTRY_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
  private static final int CHECKSUM_OFFSET = 148;

  private TarFormat() {}

  static void requireEntryName(String name) {
    if (!ENTRY_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%.120s' is no entry name; names match %s".formatted(name, ENTRY_NAME));
    }
  }

  /** Length of the content with its padding. */
  static long padded(long length) {
    return (length + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** The header block of a regular file that everyone may read. */
  static ByteBuffer header(String name, int length, Instant modified) {
    byte[] header = new byte[BLOCK];
    text(header, 0, name);
    octal(header, 100, 8, 0644);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, length);
    octal(header, 136, 12, Math.max(0, modified.getEpochSecond()));
    Arrays.fill(header, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 8, (byte) ' ');
    header[156] = '0';
    text(header, 257, "ustar");
    text(header, 263, "00");
    int checksum = 0;
    for (byte b : header) {
      checksum += Byte.toUnsignedInt(b);
    }
    octal(header, CHECKSUM_OFFSET, 7, checksum);
    return ByteBuffer.wrap(header);
  }

  /** What follows the header: content, padding, trailer. */
  static ByteBuffer body(byte[] content) {
    return ByteBuffer.wrap(
        Arrays.copyOf(content, Math.toIntExact(padded(content.length) + TRAILER)));
  }

  static ByteBuffer trailer() {
    return ByteBuffer.allocate(TRAILER);
  }

  private static void text(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  /** Zero-padded digits that fill all of the field but a final NUL. */
  private static void octal(byte[] header, int offset, int width, long value) {
    String digits = Long.toOctalString(value);
    text(header, offset, "0".repeat(width - 1 - digits.length()) + digits);
    header[offset + width - 1] = 0;
  }
}
