package io.freshet.ingest.fetch;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which addresses a fetch may connect to: public unicast at the allowed ports, and what the
 * configuration allows by name of its block.
 *
 * <p>IPv4 refuses every special-purpose block. IPv6 permits only global unicast (2000::/3), less
 * what tunnels to or embeds another address there.
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IANA IPv4
 *     special-purpose registry</a>
 * @see <a href="https://www.iana.org/assignments/iana-ipv6-special-registry">IANA IPv6
 *     special-purpose registry</a>
 */
final class AddressPolicy {
  private static final Cidr GLOBAL_V6 = Cidr.parse("2000::/3");

  private static final Map<String, List<Cidr>> FORBIDDEN =
      Map.ofEntries(
          forbidden("this network", "0.0.0.0/8"),
          forbidden("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
          forbidden("shared by carrier-grade NAT", "100.64.0.0/10"),
          forbidden("loopback", "127.0.0.0/8"),
          forbidden("link-local", "169.254.0.0/16"),
          forbidden("a cloud's metadata service", "168.63.129.16/32"),
          forbidden("reserved for protocols", "192.0.0.0/24", "192.52.193.0/24", "192.31.196.0/24"),
          forbidden("a 6to4 relay", "192.88.99.0/24"),
          forbidden("an AS112 sink", "192.175.48.0/24", "2620:4f:8000::/48"),
          forbidden("for benchmarks", "198.18.0.0/15"),
          forbidden(
              "for documentation",
              "192.0.2.0/24",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "2001:db8::/32",
              "3fff::/20"),
          forbidden("multicast", "224.0.0.0/4"),
          forbidden("reserved or broadcast", "240.0.0.0/4"),
          forbidden("Teredo, ORCHID or another protocol's", "2001::/23"),
          forbidden("6to4, which embeds an IPv4 address", "2002::/16"));

  private final List<Integer> ports;
  private final List<AllowedAddresses> exceptions;

  AddressPolicy(List<Integer> ports, List<AllowedAddresses> exceptions) {
    this.ports = List.copyOf(ports);
    this.exceptions = List.copyOf(exceptions);
  }

  private static Map.Entry<String, List<Cidr>> forbidden(String what, String... blocks) {
    return Map.entry(what, Stream.of(blocks).map(Cidr::parse).toList());
  }

  /**
   * Whether any address could be permitted at the port: lets a request fail before a name query.
   */
  boolean couldPermit(int port) {
    return ports.contains(port) || exceptions.stream().anyMatch(e -> e.permitsPort(port));
  }

  /** Whether addresses of private networks are permitted at all. */
  boolean hasExceptions() {
    return !exceptions.isEmpty();
  }

  String describePorts() {
    return ports.toString();
  }

  /**
   * Why a connection is refused; empty when it is permitted.
   *
   * @param address 4 or 16 bytes
   */
  Optional<String> refusal(byte[] address, int port) {
    if (exceptions.stream().anyMatch(exception -> exception.permits(address, port))) {
      return Optional.empty();
    }
    Optional<String> special = specialPurpose(address);
    if (special.isPresent()) {
      return special.map(what -> "address %s is %s".formatted(text(address), what));
    }
    return ports.contains(port)
        ? Optional.empty()
        : Optional.of("port %d is none of %s".formatted(port, ports));
  }

  private static Optional<String> specialPurpose(byte[] address) {
    if (address.length == 16) {
      if (!GLOBAL_V6.contains(address)) {
        return Optional.of("not global unicast (2000::/3)");
      }
      if (isIsatap(address)) {
        return Optional.of("ISATAP, which embeds an IPv4 address");
      }
    }
    return FORBIDDEN.entrySet().stream()
        .flatMap(
            entry ->
                Cidr.first(entry.getValue(), address)
                    .map(block -> "%s (%s)".formatted(entry.getKey(), block))
                    .stream())
        .findFirst();
  }

  /** RFC 5214: the interface identifier is 0000:5efe or 0200:5efe and an IPv4 address. */
  private static boolean isIsatap(byte[] address) {
    return (address[8] & ~2) == 0
        && address[9] == 0
        && (address[10] & 0xFF) == 0x5e
        && (address[11] & 0xFF) == 0xfe;
  }

  private static String text(byte[] address) {
    InetAddress shown = IpLiteral.toAddress(address);
    return address.length == 16 && shown.getAddress().length == 4
        ? "::ffff:" + shown.getHostAddress()
        : shown.getHostAddress();
  }
}
