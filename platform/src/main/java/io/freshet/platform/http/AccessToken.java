package io.freshet.platform.http;

import io.freshet.platform.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The secret that clients present. Only its digest is held; it occurs in no message.
 *
 * <p>Thread-safe.
 */
final class AccessToken {
  private static final Pattern SYNTAX = Pattern.compile("[!-~]{16,512}");
  private static final int MAX_HEADER_CHARS = 2_048;

  private final byte[] digest;

  private AccessToken(String token) {
    this.digest = sha256(token);
  }

  /**
   * @throws ConfigException when the file can't be read or holds no token
   */
  static AccessToken read(String setting, Path file) {
    String token;
    try {
      if (Files.size(file) > MAX_HEADER_CHARS) {
        throw new ConfigException("%s %s is larger than a token".formatted(setting, file));
      }
      token = Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      throw new ConfigException(
          "%s %s can't be read: %s".formatted(setting, file, e.getClass().getSimpleName()));
    }
    if (!SYNTAX.matcher(token).matches()) {
      throw new ConfigException(
          "%s %s must hold one line of 16 to 512 visible ASCII characters"
              .formatted(setting, file));
    }
    return new AccessToken(token);
  }

  /** Whether an {@code Authorization} header (or null) presents the token. */
  boolean isIn(String authorization) {
    if (authorization == null || authorization.length() > MAX_HEADER_CHARS) {
      return false;
    }
    int space = authorization.indexOf(' ');
    if (space < 0) {
      return false;
    }
    String credentials = authorization.substring(space + 1).strip();
    return switch (authorization.substring(0, space).toLowerCase(Locale.ROOT)) {
      case "bearer" -> matches(credentials);
      case "basic" -> matches(password(credentials));
      default -> false;
    };
  }

  /** As {@link #isIn}, but not as a browser's password. */
  boolean isBearerIn(String authorization) {
    return authorization != null
        && authorization.regionMatches(true, 0, "bearer ", 0, 7)
        && isIn(authorization);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AccessToken that && MessageDigest.isEqual(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }

  private boolean matches(String token) {
    return MessageDigest.isEqual(digest, sha256(token));
  }

  private static String password(String credentials) {
    try {
      byte[] decoded = Base64.getDecoder().decode(credentials);
      String pair = new String(decoded, StandardCharsets.UTF_8);
      return pair.substring(pair.indexOf(':') + 1);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java platform has SHA-256", e);
    }
  }
}
