package io.freshet.ingest.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Textual IP addresses, read strictly and without ever asking a resolver. */
final class IpLiteral {
  private static final String PART = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern V4 =
      Pattern.compile(PART + "\\." + PART + "\\." + PART + "\\." + PART);
  private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");
  private static final int V6_GROUPS = 8;

  private IpLiteral() {}

  /** The 4 bytes of a dotted quad without leading zeros. */
  static Optional<byte[]> parseV4(String text) {
    Matcher matcher = V4.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    byte[] address = new byte[4];
    for (int i = 0; i < 4; i++) {
      address[i] = (byte) Integer.parseInt(matcher.group(i + 1));
    }
    return Optional.of(address);
  }

  /** The 16 bytes of an IPv6 address without zone (RFC 4291, 2.2). */
  static Optional<byte[]> parseV6(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      return Optional.empty();
    }
    Optional<byte[]> head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
    Optional<byte[]> tail = groups(gap < 0 ? "" : text.substring(gap + 2), true);
    if (head.isEmpty() || tail.isEmpty()) {
      return Optional.empty();
    }
    int length = head.get().length + tail.get().length;
    if (gap < 0 ? length != 2 * V6_GROUPS : length > 2 * (V6_GROUPS - 1)) {
      return Optional.empty();
    }
    byte[] address = new byte[2 * V6_GROUPS];
    System.arraycopy(head.get(), 0, address, 0, head.get().length);
    System.arraycopy(tail.get(), 0, address, address.length - tail.get().length, tail.get().length);
    return Optional.of(address);
  }

  private static Optional<byte[]> groups(String text, boolean mayEndInV4) {
    if (text.isEmpty()) {
      return Optional.of(new byte[0]);
    }
    String[] parts = text.split(":", -1);
    byte[] bytes = new byte[2 * parts.length + 2];
    int length = 0;
    for (int i = 0; i < parts.length; i++) {
      Optional<byte[]> v4 =
          mayEndInV4 && i == parts.length - 1 ? parseV4(parts[i]) : Optional.empty();
      if (v4.isPresent()) {
        System.arraycopy(v4.get(), 0, bytes, length, 4);
        length += 4;
      } else if (GROUP.matcher(parts[i]).matches()) {
        int group = Integer.parseInt(parts[i], 16);
        bytes[length++] = (byte) (group >> 8);
        bytes[length++] = (byte) group;
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(Arrays.copyOf(bytes, length));
  }

  /** The address of 4 or 16 bytes; 16 bytes that map an IPv4 address give an IPv4 address. */
  static InetAddress toAddress(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(bytes.length + " bytes are no address", e);
    }
  }
}
