package io.freshet.ingest.fetch;

import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An exception to the address rules: a block of addresses, at one port or at every port.
 *
 * <p>Names can't be allowed, only addresses: a name means what its owner's name server says at the
 * moment.
 *
 * @param block the addresses
 * @param port the only port, or every port when empty
 */
record AllowedAddresses(Cidr block, OptionalInt port) {
  private static final Pattern V6_IN_BRACKETS =
      Pattern.compile("\\[(?<address>[0-9A-Fa-f:.]+)\\](?<prefix>/\\d{1,3})?(:(?<port>\\d{1,5}))?");
  private static final Pattern V4 =
      Pattern.compile("(?<address>[0-9.]+)(?<prefix>/\\d{1,3})?(:(?<port>\\d{1,5}))?");

  /**
   * Reads {@code 127.0.0.1:8089}, {@code 10.0.0.0/8}, {@code 10.0.0.0/8:8080}, {@code ::1}, {@code
   * [::1]:8089}, {@code [fd00::]/8:80}.
   *
   * @throws IllegalArgumentException for anything else
   */
  static AllowedAddresses parse(String text) {
    for (Pattern form : List.of(V6_IN_BRACKETS, V4)) {
      Matcher matcher = form.matcher(text);
      if (matcher.matches()) {
        String prefix = matcher.group("prefix") == null ? "" : matcher.group("prefix");
        return new AllowedAddresses(
            Cidr.parse(matcher.group("address") + prefix), port(text, matcher.group("port")));
      }
    }
    return new AllowedAddresses(Cidr.parse(text), OptionalInt.empty());
  }

  private static OptionalInt port(String text, String digits) {
    if (digits == null) {
      return OptionalInt.empty();
    }
    int port = Integer.parseInt(digits);
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(
          "'%s' has port %d, ports are 1 to 65535".formatted(text, port));
    }
    return OptionalInt.of(port);
  }

  boolean permits(byte[] address, int toPort) {
    return permitsPort(toPort) && block.contains(address);
  }

  boolean permitsPort(int toPort) {
    return port.isEmpty() || port.getAsInt() == toPort;
  }
}
