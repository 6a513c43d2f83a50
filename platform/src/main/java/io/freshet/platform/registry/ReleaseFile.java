package io.freshet.platform.registry;

import java.util.regex.Pattern;

/**
 * A file of a release.
 *
 * @param size bytes
 * @param sha256 64 lower-case hex digits
 */
public record ReleaseFile(long size, String sha256) {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  public ReleaseFile {
    if (size < 0) {
      throw new IllegalArgumentException("a file can't have " + size + " bytes");
    }
    requireDigest(sha256);
  }

  static void requireDigest(String sha256) {
    if (!DIGEST.matcher(sha256).matches()) {
      throw new IllegalArgumentException(
          "'%.80s' is no SHA-256; it has 64 lower-case hex digits".formatted(sha256));
    }
  }
}
