package io.freshet.platform.objects;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a bucket, written {@code s3://BUCKET[/PREFIX]}.
 *
 * @param bucket 3 to 63 of {@code a-z 0-9 . -}
 * @param prefix steps of {@code A-Z a-z 0-9 . _ -} joined by {@code /}, at most 256 characters,
 *     without slashes at its ends; empty: the whole bucket
 */
public record S3Location(String bucket, String prefix) {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern PREFIX =
      Pattern.compile("|[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
  private static final Pattern SYNTAX = Pattern.compile("s3://([^/]*)(?:/(.*?))?/?");
  private static final int MAX_PREFIX = 256;

  public S3Location {
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException(
          "'%.80s' is no name of a bucket; they have 3 to 63 of a-z 0-9 . -".formatted(bucket));
    }
    if (prefix.length() > MAX_PREFIX || !PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "'%.80s' is no prefix; write steps of A-Z a-z 0-9 . _ - that begin with a letter or digit, joined by /, at most %d characters"
              .formatted(prefix, MAX_PREFIX));
    }
  }

  /**
   * @throws IllegalArgumentException when the text isn't of that form
   */
  public static S3Location parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%.120s' is no place in a bucket; write s3://BUCKET[/PREFIX]".formatted(text));
    }
    return new S3Location(matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2));
  }

  /** The full key of what is called so below the prefix. */
  String key(String below) {
    return prefix.isEmpty() ? below : prefix + "/" + below;
  }

  @Override
  public String toString() {
    return "s3://" + (prefix.isEmpty() ? bucket : bucket + "/" + prefix);
  }
}
