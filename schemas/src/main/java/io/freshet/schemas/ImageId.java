package io.freshet.schemas;

import java.util.regex.Pattern;

/** The id of an image: the SHA-256 of its canonical pixels and their size, in hex. */
public final class ImageId {
  private static final Pattern SYNTAX = Pattern.compile("[0-9a-f]{64}");

  private ImageId() {}

  /** Whether the text is one. What a revocation names is, or else is a URL. */
  public static boolean is(String text) {
    return SYNTAX.matcher(text).matches();
  }
}
