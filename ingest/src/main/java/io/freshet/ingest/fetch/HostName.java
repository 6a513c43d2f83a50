package io.freshet.ingest.fetch;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/** The host of a URL, brought to the one form in which it is judged and looked up. */
final class HostName {
  private static final Pattern ASCII_NAME =
      Pattern.compile(
          "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final int MAX_LENGTH = 253;

  private HostName() {}

  /**
   * Lower-case ASCII form: international names as Punycode, full-width digits and dots as ASCII.
   *
   * @throws UrlRefusedException when it is no host name, or an address in any but its plain form
   */
  static String canonical(String host) throws UrlRefusedException {
    if (host.isEmpty()) {
      throw UrlRefusedException.invalid("the URL has no host");
    }
    if (host.indexOf('%') >= 0) {
      throw UrlRefusedException.invalid("host '%s' is percent-encoded".formatted(host));
    }
    String ascii = withoutFinalDot(toAscii(host).toLowerCase(Locale.ROOT));
    if (ascii.length() > MAX_LENGTH || !ASCII_NAME.matcher(ascii).matches()) {
      throw UrlRefusedException.invalid(
          "host '%s' is no host name of at most %d characters".formatted(host, MAX_LENGTH));
    }
    requirePlainAddress(ascii);
    return ascii;
  }

  private static String toAscii(String host) throws UrlRefusedException {
    try {
      return IDN.toASCII(host);
    } catch (IllegalArgumentException e) {
      throw UrlRefusedException.invalid(
          "host '%s' is no international name: %s".formatted(host, e.getMessage()));
    }
  }

  private static String withoutFinalDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /**
   * Names whose last label is a number are IPv4 addresses to some resolvers (inet_aton: decimal,
   * octal, hexadecimal, one to four parts). Only four plain decimal parts mean the same to all.
   */
  private static void requirePlainAddress(String name) throws UrlRefusedException {
    String lastLabel = name.substring(name.lastIndexOf('.') + 1);
    if (NUMBER.matcher(lastLabel).matches() && IpLiteral.parseV4(name).isEmpty()) {
      throw UrlRefusedException.forbidden(
          "host '%s' is an address in other than four decimal parts".formatted(name));
    }
  }
}
