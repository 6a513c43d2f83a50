package io.freshet.ingest.fetch;

import static io.freshet.schemas.RejectionReason.FETCH_FAILED;
import static io.freshet.schemas.RejectionReason.FETCH_TIMEOUT;

import io.freshet.ingest.fetch.ExchangeOutcome.Body;
import io.freshet.ingest.fetch.ExchangeOutcome.Failure;
import io.freshet.ingest.fetch.ExchangeOutcome.Hope;
import io.freshet.ingest.fetch.ExchangeOutcome.Redirect;
import io.freshet.schemas.RejectionReason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Fetches what a URL names, at its word for nothing: every hop is vetted by text and by address,
 * and the address that was vetted is the one connected to, so a name server that changes its answer
 * gains nothing. Bytes, headers, redirects, attempts and time are limited.
 *
 * <p>{@link #fetch} blocks and never throws for what a server, a name server or a URL does.
 * Thread-safe. Whoever opens it closes it; closing breaks off fetches under way.
 */
public final class ImageFetcher implements AutoCloseable {
  /** A name may have many addresses; a dead one costs a connect timeout. */
  private static final int MAX_ADDRESSES = 3;

  private final FetchConfig config;
  private final UrlPolicy policy;
  private final AddressResolver resolver;
  private final Clock clock;
  private final HttpExchange exchange;

  public ImageFetcher(FetchConfig config, UrlPolicy policy, AddressResolver resolver, Clock clock) {
    this.config = config;
    this.policy = policy;
    this.resolver = resolver;
    this.clock = clock;
    this.exchange = new HttpExchange(config);
  }

  /**
   * @throws InterruptedException when the thread was asked to stop; nothing is known of the fetch
   */
  public FetchResult fetch(String url) throws InterruptedException {
    Deadline deadline = Deadline.after(config.deadline());
    try {
      for (int attempt = 1; ; attempt++) {
        List<WebUrl> path = new ArrayList<>();
        path.add(policy.vet(url));
        ExchangeOutcome outcome = follow(path, deadline);
        if (outcome instanceof Body body) {
          return new FetchResult.Fetched(
              body.bytes(), path.get(path.size() - 1), path.size() - 1, clock.instant());
        }
        Failure failure = (Failure) outcome;
        if (failure.hope() == Hope.NONE || attempt == config.attempts() || !canWait(deadline)) {
          return refusal(failure, attempt, path);
        }
        Thread.sleep(config.retryPause().toMillis());
      }
    } catch (UrlRefusedException e) {
      return e.toRefusal();
    }
  }

  /** Extends {@code path} by every redirect; never returns one. */
  private ExchangeOutcome follow(List<WebUrl> path, Deadline deadline)
      throws UrlRefusedException, InterruptedException {
    ExchangeOutcome outcome = get(path.get(0), deadline);
    while (outcome instanceof Redirect redirect) {
      WebUrl next = Redirects.next(policy, path, redirect.location(), config.maxRedirects());
      path.add(next);
      outcome = get(next, deadline);
    }
    return outcome;
  }

  private boolean canWait(Deadline deadline) {
    return !deadline.hasPassed() && deadline.remaining().compareTo(config.retryPause()) > 0;
  }

  private static FetchResult.Refused refusal(Failure failure, int attempt, List<WebUrl> path) {
    String tries = attempt == 1 ? "" : ", attempt %d".formatted(attempt);
    String where =
        path.size() == 1
            ? ""
            : ", after %d redirects at %s".formatted(path.size() - 1, path.get(path.size() - 1));
    return new FetchResult.Refused(failure.reason(), failure.detail() + tries + where);
  }

  /** Tries the host's addresses in turn until one answers. */
  private ExchangeOutcome get(WebUrl url, Deadline deadline)
      throws UrlRefusedException, InterruptedException {
    ExchangeOutcome outcome =
        Failure.lasting(
            FETCH_TIMEOUT, "no time left of %d ms".formatted(deadline.allowed().toMillis()));
    Resolution resolution = resolve(url, deadline);
    if (resolution.failure().isPresent()) {
      return resolution.failure().get();
    }
    List<InetAddress> vetted = policy.vetAddresses(url, resolution.addresses());
    for (InetAddress address : vetted.subList(0, Math.min(MAX_ADDRESSES, vetted.size()))) {
      if (deadline.hasPassed()) {
        return outcome;
      }
      outcome = exchange.get(url, address, deadline);
      if (!isConnectFailure(outcome)) {
        return outcome;
      }
    }
    return outcome;
  }

  private static boolean isConnectFailure(ExchangeOutcome outcome) {
    return outcome instanceof Failure failure && failure.hope() == Hope.OTHER_ADDRESS;
  }

  private record Resolution(List<InetAddress> addresses, Optional<Failure> failure) {
    static Resolution failed(RejectionReason reason, String detail) {
      return new Resolution(List.of(), Optional.of(Failure.passing(reason, detail)));
    }
  }

  private Resolution resolve(WebUrl url, Deadline deadline) throws InterruptedException {
    Optional<byte[]> literal =
        IpLiteral.parseV4(url.host()).or(() -> IpLiteral.parseV6(url.host()));
    if (literal.isPresent()) {
      return new Resolution(List.of(IpLiteral.toAddress(literal.get())), Optional.empty());
    }
    try {
      return new Resolution(resolver.resolve(url.host(), deadline.remaining()), Optional.empty());
    } catch (UnknownHostException e) {
      return Resolution.failed(FETCH_FAILED, "host '%s' has no address".formatted(url.host()));
    } catch (TimeoutException e) {
      return Resolution.failed(
          FETCH_TIMEOUT, "no address of host '%s' within the deadline".formatted(url.host()));
    }
  }

  @Override
  public void close() {
    exchange.close();
  }
}
