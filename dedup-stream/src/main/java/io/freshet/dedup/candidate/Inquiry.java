package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Benchmark;
import java.util.Objects;

/**
 * An image that asks for its copies. Travels with each visit to a table and with each answer.
 *
 * @param imageId a {@link Benchmark} name where a benchmark asks
 * @param ingestedMicros when ingest accepted it, microseconds since 1970
 * @param visits how many tables it visits, each of which answers once
 */
public record Inquiry(String imageId, long ingestedMicros, int visits) {
  public Inquiry {
    Objects.requireNonNull(imageId, "imageId");
    if (visits < 1) {
      throw new IllegalArgumentException("%d visits; at least 1".formatted(visits));
    }
  }

  boolean isOfBenchmark() {
    return Benchmark.isName(imageId);
  }
}
