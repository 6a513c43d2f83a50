package io.freshet.ingest.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Names to addresses. Called once a hop; the addresses that it returns are the ones connected to.
 */
@FunctionalInterface
public interface AddressResolver {
  /**
   * @param host lower-case ASCII name
   * @return never empty
   * @throws UnknownHostException when the name has no address
   * @throws TimeoutException when {@code patience} ran out
   */
  List<InetAddress> resolve(String host, Duration patience)
      throws UnknownHostException, TimeoutException, InterruptedException;
}
