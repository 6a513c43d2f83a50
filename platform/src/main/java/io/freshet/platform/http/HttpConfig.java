package io.freshet.platform.http;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Section {@code http}.
 *
 * @param host address or name to listen on
 * @param port 0..65535; 0 takes a free one
 * @param tokenFile file with the access token; required unless {@code host} is loopback
 * @param promoteTokenFile file with the token of those who may move aliases; empty: nobody may
 */
public record HttpConfig(
    String host, int port, Optional<Path> tokenFile, Optional<Path> promoteTokenFile)
    implements Serializable {
  public HttpConfig {
    Objects.requireNonNull(tokenFile, "tokenFile");
    Objects.requireNonNull(promoteTokenFile, "promoteTokenFile");
    if (host.isBlank()) {
      throw new IllegalArgumentException("host is empty; write an address such as 127.0.0.1");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is " + port + ", must be 0 to 65535");
    }
  }

  /** Nobody may promote. */
  public HttpConfig(String host, int port, Optional<Path> tokenFile) {
    this(host, port, tokenFile, Optional.empty());
  }

  /** This machine only, a free port, no token. */
  public static HttpConfig loopback() {
    return new HttpConfig("127.0.0.1", 0, Optional.empty());
  }

  // Neither Optional nor java.nio.file.Path is serializable.
  private Object writeReplace() {
    return new Shipped(
        host,
        port,
        tokenFile.map(Path::toString).orElse(null),
        promoteTokenFile.map(Path::toString).orElse(null));
  }

  private record Shipped(String host, int port, String tokenFile, String promoteTokenFile)
      implements Serializable {
    private Object readResolve() {
      return new HttpConfig(
          host,
          port,
          Optional.ofNullable(tokenFile).map(Path::of),
          Optional.ofNullable(promoteTokenFile).map(Path::of));
    }
  }
}
