package io.freshet.ingest.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AddressPolicyPropertyTest {
  private final AddressPolicy policy = new AddressPolicy(List.of(80), List.of());

  /** Java knows some classes of addresses itself; none of them may pass. */
  @Property(tries = 20_000, seed = "20230414")
  void neverPermitsWhatJavaCallsLocal(@ForAll @Size(4) byte[] address) {
    InetAddress parsed = IpLiteral.toAddress(address);
    if (parsed.isAnyLocalAddress()
        || parsed.isLoopbackAddress()
        || parsed.isLinkLocalAddress()
        || parsed.isSiteLocalAddress()
        || parsed.isMulticastAddress()) {
      assertTrue(policy.refusal(address, 80).isPresent(), parsed::toString);
    }
  }

  @Property(tries = 5_000, seed = "20230414")
  void permitsOnlyGlobalUnicastOfIpv6(@ForAll @Size(16) byte[] address) {
    if ((address[0] & 0xE0) != 0x20) {
      assertTrue(policy.refusal(address, 80).isPresent());
    }
  }

  /** A block by its definition: the addresses between its first and its last. */
  @Property(tries = 5_000, seed = "20230414")
  void blockIsTheRangeOfItsAddresses(
      @ForAll @Size(4) byte[] network,
      @ForAll @IntRange(max = 32) int bits,
      @ForAll @Size(4) byte[] address) {
    BigInteger size = BigInteger.ONE.shiftLeft(32 - bits);
    BigInteger first = new BigInteger(1, network).divide(size).multiply(size);
    BigInteger at = new BigInteger(1, address);
    boolean inside = at.compareTo(first) >= 0 && at.compareTo(first.add(size)) < 0;
    assertEquals(inside, new Cidr(network, bits).contains(address));
    assertTrue(new Cidr(network, bits).contains(network));
    assertFalse(new Cidr(network, bits).contains(new byte[16]));
  }

  @Property(tries = 2_000, seed = "20230414")
  void readsIpv6AsJavaWritesIt(@ForAll @Size(16) byte[] address) {
    InetAddress parsed = IpLiteral.toAddress(address);
    if (parsed.getAddress().length == 16) {
      assertArrayEquals(address, IpLiteral.parseV6(parsed.getHostAddress()).orElseThrow());
    }
  }

  @Property(tries = 2_000, seed = "20230414")
  void readsIpv4AsJavaWritesIt(@ForAll @Size(4) byte[] address) {
    assertArrayEquals(
        address, IpLiteral.parseV4(IpLiteral.toAddress(address).getHostAddress()).orElseThrow());
  }
}
