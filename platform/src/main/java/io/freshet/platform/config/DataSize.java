package io.freshet.platform.config;

import java.io.Serializable;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes, written {@code 512B}, {@code 64KiB}, {@code 32MiB}, {@code 4GiB}, {@code
 * 1TiB}. Powers of 1024 only, because MB means two things.
 *
 * @param bytes 0 or more
 */
public record DataSize(long bytes) implements Serializable, Comparable<DataSize> {
  private static final Pattern SYNTAX = Pattern.compile("(\\d{1,18}) ?(B|KiB|MiB|GiB|TiB)");
  private static final Map<String, Long> UNITS =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);
  private static final String[] LARGEST_FIRST = {"TiB", "GiB", "MiB", "KiB"};

  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size can't be negative, but is " + bytes + " bytes");
    }
  }

  public static DataSize ofMebibytes(long mebibytes) {
    return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
  }

  /**
   * @throws IllegalArgumentException when the text is no size or exceeds 2^63-1 bytes
   */
  public static DataSize parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no size; write a whole number and a unit: 512KiB, 32MiB, 1GiB");
    }
    try {
      return new DataSize(
          Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2))));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' exceeds 2^63-1 bytes", e);
    }
  }

  /**
   * As an int, for arrays and buffers.
   *
   * @throws ArithmeticException above 2^31-1
   */
  public int toIntExact() {
    return Math.toIntExact(bytes);
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** The shortest exact form; {@link #parse} reads it back. */
  @Override
  public String toString() {
    for (String unit : LARGEST_FIRST) {
      long size = UNITS.get(unit);
      if (bytes >= size && bytes % size == 0) {
        return bytes / size + unit;
      }
    }
    return bytes + "B";
  }
}
