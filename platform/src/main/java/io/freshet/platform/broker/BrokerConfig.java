package io.freshet.platform.broker;

import io.freshet.platform.config.DataSize;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Section {@code broker}.
 *
 * @param dataDir the logs of all topics; one broker process at a time
 * @param port loopback port of the clients, 1..65535; 0 takes a free one, another at each start
 * @param maxRecord largest record batch that a client may send, at most 100 MiB
 * @param transactionMaxTimeout longest transaction timeout that a client may ask for: the longest
 *     outage after which a Flink job can still commit what it had prepared
 * @param startTimeout how long a start may take, recovery after a crash included
 * @param stopTimeout how long a clean stop may take before the process goes on without it
 */
public record BrokerConfig(
    Path dataDir,
    int port,
    DataSize maxRecord,
    Duration transactionMaxTimeout,
    Duration startTimeout,
    Duration stopTimeout) {
  private static final DataSize RECORD_LIMIT = DataSize.ofMebibytes(100);

  public BrokerConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "port is %d; write 1..65535, or 0 for a free one".formatted(port));
    }
    if (maxRecord.bytes() < 1024 || maxRecord.compareTo(RECORD_LIMIT) > 0) {
      throw new IllegalArgumentException(
          "max_record is %s; write 1KiB..%s and keep larger bytes in the blob store"
              .formatted(maxRecord, RECORD_LIMIT));
    }
    requireMillis("transaction_max_timeout", transactionMaxTimeout);
    requireMillis("start_timeout", startTimeout);
    requireMillis("stop_timeout", stopTimeout);
  }

  private static void requireMillis(String key, Duration value) {
    if (value.toMillis() < 1_000 || value.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s is %d ms; write 1s..24d".formatted(key, value.toMillis()));
    }
  }
}
