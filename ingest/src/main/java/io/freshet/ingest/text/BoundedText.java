package io.freshet.ingest.text;

/** Text from outside, held to a number of UTF-8 bytes. */
public final class BoundedText {
  private BoundedText() {}

  /**
   * The longest prefix of whole code points that takes at most {@code maxBytes} in UTF-8; unpaired
   * surrogates become {@code ?}.
   */
  public static String cut(String text, int maxBytes) {
    StringBuilder kept = new StringBuilder(Math.min(text.length(), maxBytes));
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      boolean unpaired =
          codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
      i += Character.charCount(codePoint);
      int written = unpaired ? '?' : codePoint;
      bytes += utf8Length(written);
      if (bytes > maxBytes) {
        break;
      }
      kept.appendCodePoint(written);
    }
    return kept.toString();
  }

  private static int utf8Length(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }
}
