package io.freshet.ingest.fetch;

import io.freshet.platform.config.DataSize;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Settings and fetchers of the tests: as in production, but impatient. */
final class Fetching {
  static final Duration DEADLINE = Duration.ofSeconds(2);

  private Fetching() {}

  static FetchConfig config() {
    return config(DEADLINE, 1);
  }

  static FetchConfig config(Duration deadline, int attempts) {
    return new FetchConfig(
        "Freshet/0.1 (test)",
        5,
        attempts,
        Duration.ofMillis(20),
        deadline,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        new ResponseLimits(new DataSize(64 << 10), 50, new DataSize(8 << 10)),
        new FetchLoad(8, 4, 32, Duration.ofMinutes(1)));
  }

  static UrlConfig urls(List<Integer> ports, List<String> exceptions) {
    return new UrlConfig(4096, ports, exceptions);
  }

  static ImageFetcher fetcher(UrlConfig urls) {
    return fetcher(urls, noNames());
  }

  static ImageFetcher fetcher(UrlConfig urls, AddressResolver resolver) {
    return new ImageFetcher(config(), new UrlPolicy(urls), resolver, Clock.systemUTC());
  }

  /** May reach the server on 127.0.0.1 and nothing else that is private. */
  static ImageFetcher fetcher(RawServer server, FetchConfig config) {
    return new ImageFetcher(
        config,
        new UrlPolicy(urls(List.of(80, 443), List.of("127.0.0.1:" + server.port()))),
        noNames(),
        Clock.systemUTC());
  }

  static InetAddress address(String literal) {
    return IpLiteral.parseV4(literal)
        .or(() -> IpLiteral.parseV6(literal))
        .map(IpLiteral::toAddress)
        .orElseThrow();
  }

  static AddressResolver noNames() {
    return (host, patience) -> {
      throw new UnknownHostException(host);
    };
  }

  static AddressResolver always(InetAddress... addresses) {
    return (host, patience) -> List.of(addresses);
  }
}
