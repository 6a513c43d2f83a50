package io.freshet.ingest.fetch;

import java.io.Serializable;
import java.util.List;

/**
 * Which URLs may be fetched.
 *
 * @param maxChars longer URLs are refused
 * @param ports TCP ports of public servers
 * @param allowPrivateAddresses exceptions to the rule that only public addresses are connected to,
 *     each {@code ADDRESS[/PREFIX][:PORT]} with IPv6 in brackets; without a port all ports
 */
public record UrlConfig(int maxChars, List<Integer> ports, List<String> allowPrivateAddresses)
    implements Serializable {
  public UrlConfig {
    ports = List.copyOf(ports);
    allowPrivateAddresses = List.copyOf(allowPrivateAddresses);
    if (maxChars < 16 || maxChars > 65_536) {
      throw new IllegalArgumentException(
          "ingest.urls.max_chars is %d, must be 16 to 65536".formatted(maxChars));
    }
    for (int port : ports) {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException(
            "ingest.urls.ports has %d, ports are 1 to 65535".formatted(port));
      }
    }
    allowPrivateAddresses.forEach(AllowedAddresses::parse);
  }

  AddressPolicy addressPolicy() {
    return new AddressPolicy(
        ports, allowPrivateAddresses.stream().map(AllowedAddresses::parse).toList());
  }
}
