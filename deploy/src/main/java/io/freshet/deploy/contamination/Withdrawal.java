package io.freshet.deploy.contamination;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An image was withdrawn for a benchmark, or had been merged into one that was: then it is of the
 * same component, and as near to the benchmark as the one that was kept.
 *
 * @param at when the benchmark withdrew it or the one that was kept instead
 * @param dataset of the benchmark image that was there first of those it is near to; empty where
 *     the record is from before they named it
 * @param mergedInto the image that was kept instead, and withdrawn for the benchmark itself; empty
 *     where the image was withdrawn for the benchmark
 */
public record Withdrawal(Instant at, Optional<String> dataset, Optional<String> mergedInto) {
  public Withdrawal {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(mergedInto, "mergedInto");
  }
}
