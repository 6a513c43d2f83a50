package io.freshet.ingest.fetch;

import java.io.Serializable;
import java.time.Duration;

/**
 * How many fetches run, in one subtask.
 *
 * @param threads fetches at a time
 * @param perHost fetches at a time from one host; a host belongs to one subtask
 * @param inFlight requests taken up and not yet answered; more wait in Kafka
 * @param maxWait how long a request may wait for its host's turn
 */
public record FetchLoad(int threads, int perHost, int inFlight, Duration maxWait)
    implements Serializable {
  public FetchLoad {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException(
          "ingest.fetch.load.threads is %d, must be 1 to 1024".formatted(threads));
    }
    if (perHost < 1) {
      throw new IllegalArgumentException(
          "ingest.fetch.load.per_host is %d, must be at least 1".formatted(perHost));
    }
    if (inFlight < threads || inFlight > 100_000) {
      throw new IllegalArgumentException(
          "ingest.fetch.load.in_flight is %d, must be %d (threads) to 100000"
              .formatted(inFlight, threads));
    }
    if (maxWait.isNegative() || maxWait.isZero()) {
      throw new IllegalArgumentException(
          "ingest.fetch.load.max_wait is %s, must be positive".formatted(maxWait));
    }
  }
}
