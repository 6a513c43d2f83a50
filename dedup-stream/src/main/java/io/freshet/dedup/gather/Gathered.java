package io.freshet.dedup.gather;

import io.freshet.dedup.candidate.Edge;
import java.util.List;
import java.util.Objects;

/**
 * An image that all tables have answered.
 *
 * @param ingestedMicros when ingest accepted it, microseconds since 1970
 * @param edges to images that were stored before it, each image once
 */
public record Gathered(String imageId, long ingestedMicros, List<Edge> edges) {
  public Gathered {
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(edges, "edges");
  }
}
