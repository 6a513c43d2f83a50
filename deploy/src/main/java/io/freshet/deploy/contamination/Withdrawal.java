package io.freshet.deploy.contamination;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An image was withdrawn for a benchmark.
 *
 * @param dataset of the benchmark image that was there first of those it is near to; empty where
 *     the record is from before they named it
 */
public record Withdrawal(Instant at, Optional<String> dataset) {
  public Withdrawal {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(dataset, "dataset");
  }
}
