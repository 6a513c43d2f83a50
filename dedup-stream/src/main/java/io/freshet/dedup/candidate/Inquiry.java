package io.freshet.dedup.candidate;

import java.util.Objects;

/**
 * An image that asks for its copies. Travels with each visit to a table and with each answer.
 *
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
}
