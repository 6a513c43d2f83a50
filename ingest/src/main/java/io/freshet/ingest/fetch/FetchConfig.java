package io.freshet.ingest.fetch;

import java.io.Serializable;
import java.time.Duration;

/**
 * How images are fetched.
 *
 * @param userAgent how requests introduce themselves: name, version, where to complain
 * @param maxRedirects redirects followed
 * @param attempts tries of a request that failed for a reason that may pass
 * @param retryPause between two attempts
 * @param deadline of a fetch: names, connections, redirects, attempts and bodies together
 * @param connectTimeout of one connection, and of its TLS handshake
 * @param readTimeout longest silence of a server
 */
public record FetchConfig(
    String userAgent,
    int maxRedirects,
    int attempts,
    Duration retryPause,
    Duration deadline,
    Duration connectTimeout,
    Duration readTimeout,
    ResponseLimits response,
    FetchLoad load)
    implements Serializable {
  public FetchConfig {
    if (userAgent.isBlank() || !userAgent.matches("[ -~]{1,200}")) {
      throw new IllegalArgumentException(
          "ingest.fetch.user_agent is '%s', must be 1 to 200 printable ASCII characters"
              .formatted(userAgent));
    }
    if (maxRedirects < 0 || maxRedirects > 20) {
      throw new IllegalArgumentException(
          "ingest.fetch.max_redirects is %d, must be 0 to 20".formatted(maxRedirects));
    }
    if (attempts < 1 || attempts > 10) {
      throw new IllegalArgumentException(
          "ingest.fetch.attempts is %d, must be 1 to 10".formatted(attempts));
    }
    if (retryPause.isNegative()) {
      throw new IllegalArgumentException(
          "ingest.fetch.retry_pause is %s, must not be negative".formatted(retryPause));
    }
    requirePositive("deadline", deadline);
    requirePositive("connect_timeout", connectTimeout);
    requirePositive("read_timeout", readTimeout);
  }

  private static void requirePositive(String key, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(
          "ingest.fetch.%s is %s, must be at least 1 ms".formatted(key, value));
    }
  }
}
