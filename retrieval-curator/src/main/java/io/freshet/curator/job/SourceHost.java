package io.freshet.curator.job;

import io.freshet.schemas.SourceUrls;
import java.net.IDN;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host that served an image, which budgets go by. A crawl's URLs need not be URIs of RFC 3986:
 * whatever stands where the host does counts, also in names with underscores or in URLs with
 * spaces, so that no way to write a URL escapes the budget.
 */
public final class SourceHost {
  /** Scheme, slashes, and the authority up to what ends it for browsers (a backslash, too). */
  private static final Pattern AUTHORITY =
      Pattern.compile("\\s*[A-Za-z][A-Za-z0-9+.-]*:[/\\\\]{2}([^/\\\\?#]*)");

  private static final Pattern PORT = Pattern.compile(":[0-9]*$");
  private static final Pattern FINAL_DOTS = Pattern.compile("\\.+$");

  private SourceHost() {}

  /**
   * Without user and port, in lower case, without a final dot, international names as Punycode (RFC
   * 3490). Empty when the URL has no authority.
   */
  public static String of(SourceUrls source) {
    Matcher url = AUTHORITY.matcher(source.getImageUrl());
    if (!url.lookingAt()) {
      return "";
    }
    String authority = url.group(1);
    String host = authority.substring(authority.lastIndexOf('@') + 1).strip();
    String name = toAscii(PORT.matcher(host).replaceFirst("")).toLowerCase(Locale.ROOT);
    return FINAL_DOTS.matcher(name).replaceFirst("");
  }

  /** The name itself where it is no international one. */
  private static String toAscii(String name) {
    try {
      return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }
}
