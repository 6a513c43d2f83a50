package io.freshet.platform.blob;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a ustar archive from the POSIX text alone, and fails on anything that isn't in order. */
final class TarReader {
  private TarReader() {}

  static Map<String, byte[]> entries(Path archive) throws IOException {
    byte[] tar = Files.readAllBytes(archive);
    check(tar.length % 512 == 0, archive + " has a broken block");
    Map<String, byte[]> entries = new LinkedHashMap<>();
    int at = 0;
    while (tar[at] != 0) {
      int sum = 0;
      for (int i = 0; i < 512; i++) {
        sum += i >= 148 && i < 156 ? ' ' : tar[at + i] & 0xff;
      }
      check(sum == octal(tar, at + 148, 8), archive + " has a wrong checksum at " + at);
      check(text(tar, at + 257, 6).equals("ustar"), archive + " is no ustar at " + at);
      check(tar[at + 156] == '0', archive + " has no regular file at " + at);
      int length = (int) octal(tar, at + 124, 12);
      byte[] content = Arrays.copyOfRange(tar, at + 512, at + 512 + length);
      check(entries.put(text(tar, at, 100), content) == null, "an entry stands twice");
      at += 512 + (length + 511) / 512 * 512;
    }
    for (int i = at; i < at + 1024; i++) {
      check(tar[i] == 0, archive + " does not end with two zero blocks");
    }
    return entries;
  }

  private static long octal(byte[] tar, int from, int width) {
    return Long.parseLong(text(tar, from, width).strip(), 8);
  }

  private static String text(byte[] tar, int from, int width) {
    int to = from;
    while (to < from + width && tar[to] != 0) {
      to++;
    }
    return new String(tar, from, to - from, StandardCharsets.US_ASCII);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
