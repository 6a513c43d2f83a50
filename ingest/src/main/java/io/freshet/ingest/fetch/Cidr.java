package io.freshet.ingest.fetch;

import java.util.Optional;

/**
 * A block of IPv4 or IPv6 addresses.
 *
 * @param network 4 or 16 bytes
 * @param prefixBits leading bits that an address shares with the network
 */
record Cidr(byte[] network, int prefixBits) {
  Cidr {
    if (prefixBits < 0 || prefixBits > network.length * 8) {
      throw new IllegalArgumentException(
          "prefix of %d bits, an address has %d".formatted(prefixBits, network.length * 8));
    }
  }

  /** Reads {@code 10.0.0.0/8}, {@code fc00::/7}, or a single address. */
  static Cidr parse(String text) {
    String[] parts = text.split("/", 2);
    byte[] network =
        IpLiteral.parseV4(parts[0])
            .or(() -> IpLiteral.parseV6(parts[0]))
            .orElseThrow(() -> notABlock(text));
    if (parts.length == 1) {
      return new Cidr(network, network.length * 8);
    }
    if (!parts[1].matches("\\d{1,3}")) {
      throw notABlock(text);
    }
    return new Cidr(network, Integer.parseInt(parts[1]));
  }

  private static IllegalArgumentException notABlock(String text) {
    return new IllegalArgumentException(
        "'%s' is no address block; write it like 127.0.0.1, 10.0.0.0/8 or fd00::/8"
            .formatted(text));
  }

  /** Whether the address of 4 or 16 bytes lies in the block; families never mix. */
  boolean contains(byte[] address) {
    if (address.length != network.length) {
      return false;
    }
    int wholeBytes = prefixBits / 8;
    for (int i = 0; i < wholeBytes; i++) {
      if (address[i] != network[i]) {
        return false;
      }
    }
    int rest = prefixBits % 8;
    return rest == 0
        || ((address[wholeBytes] ^ network[wholeBytes]) & (0xFF << (8 - rest)) & 0xFF) == 0;
  }

  static Optional<Cidr> first(Iterable<Cidr> blocks, byte[] address) {
    for (Cidr block : blocks) {
      if (block.contains(address)) {
        return Optional.of(block);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return IpLiteral.toAddress(network).getHostAddress() + "/" + prefixBits;
  }
}
