package io.freshet.sink.server;

import io.freshet.platform.registry.ReleaseFile;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers with strong entity tags, conditional requests and, for files, single byte ranges (RFC
 * 9110). An entity tag is the SHA-256 of what is sent.
 */
final class Representation {
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

  /** Bytes {@code first} to {@code last} of a file, both included. */
  private record Range(long first, long last) {
    long length() {
      return last - first + 1;
    }
  }

  private Representation() {}

  static void send(Context context, String type, byte[] body) {
    String etag = etag(body);
    context.header("ETag", etag);
    if (unchanged(context, etag)) {
      context.status(304);
    } else {
      context.contentType(type).result(body);
    }
  }

  /** Sends a file whose digest was compared already, or the part of it that was asked for. */
  static void send(Context context, Path file, ReleaseFile described) throws IOException {
    String etag = '"' + described.sha256() + '"';
    context.header("ETag", etag);
    context.header("Accept-Ranges", "bytes");
    if (unchanged(context, etag)) {
      context.status(304);
      return;
    }
    context.contentType("application/octet-stream");
    long size = described.size();
    Range whole = new Range(0, size - 1);
    Range range = whole;
    String asked = context.header("Range");
    String condition = context.header("If-Range");
    if (asked != null && (condition == null || condition.equals(etag))) {
      Matcher bytes = RANGE.matcher(asked);
      // What is not a single range of bytes may be overlooked, says RFC 9110.
      if (bytes.matches() && !asked.equals("bytes=-")) {
        Optional<Range> within = within(bytes.group(1), bytes.group(2), size);
        if (within.isEmpty()) {
          context.status(416).header("Content-Range", "bytes */" + size);
          context.contentType("text/plain").result("no such range");
          return;
        }
        range = within.get();
        context.status(206);
        context.header(
            "Content-Range", "bytes %d-%d/%d".formatted(range.first(), range.last(), size));
      }
    }
    context.res().setContentLengthLong(range.length());
    if (context.method() != HandlerType.HEAD) {
      copy(file, range, context);
    }
  }

  private static void copy(Path file, Range range, Context context) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(range.first());
      byte[] buffer = new byte[1 << 16];
      long left = range.length();
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new IOException(file + " became shorter while it was sent");
        }
        context.outputStream().write(buffer, 0, read);
        left -= read;
      }
    }
  }

  /** Empty when the range lies outside, or is none. */
  private static Optional<Range> within(String first, String last, long size) {
    long from;
    long to;
    if (first.isEmpty()) {
      from = Math.max(0, size - Long.parseLong(last));
      to = size - 1;
    } else {
      from = Long.parseLong(first);
      to = last.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(last));
    }
    return from > to || from >= size ? Optional.empty() : Optional.of(new Range(from, to));
  }

  private static boolean unchanged(Context context, String etag) {
    String known = context.header("If-None-Match");
    return known != null && names(known, etag, true);
  }

  /**
   * Whether the list of an {@code If-Match}, or {@code *}, names this one: by strong comparison, to
   * which a weak tag is equal to none (RFC 9110, 8.8.3.2 and 13.1.1).
   */
  static boolean matches(String list, String etag) {
    return names(list, etag, false);
  }

  private static boolean names(String list, String etag, boolean weakly) {
    return list.strip().equals("*")
        || Arrays.stream(list.split(",", -1))
            .map(String::strip)
            .map(tag -> weakly && tag.startsWith("W/") ? tag.substring(2) : tag)
            .anyMatch(etag::equals);
  }

  static String etag(byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return '"' + HexFormat.of().formatHex(digest.digest(body)) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java platform has SHA-256", e);
    }
  }
}
