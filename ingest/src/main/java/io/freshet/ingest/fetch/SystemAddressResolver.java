package io.freshet.ingest.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The operating system's resolver on threads of its own, because a name query can't be interrupted:
 * one that hangs costs a thread of this pool and no fetch its deadline.
 *
 * <p>Thread-safe. Whoever opens it closes it.
 */
public final class SystemAddressResolver implements AddressResolver, AutoCloseable {
  private final ExecutorService queries;

  /**
   * @param threads queries at a time
   */
  public SystemAddressResolver(int threads) {
    this.queries = Executors.newFixedThreadPool(threads, DaemonThreads.named("freshet-dns"));
  }

  @Override
  public List<InetAddress> resolve(String host, Duration patience)
      throws UnknownHostException, TimeoutException, InterruptedException {
    Future<InetAddress[]> query = queries.submit(() -> InetAddress.getAllByName(host));
    try {
      return List.of(query.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw unknown;
      }
      throw new IllegalStateException("name query for '%s' failed".formatted(host), e.getCause());
    } finally {
      query.cancel(true);
    }
  }

  @Override
  public void close() {
    queries.shutdownNow();
  }
}
