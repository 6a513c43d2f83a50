package io.freshet.dedup.gather;

import io.freshet.dedup.candidate.Edge;
import java.util.List;
import java.util.Objects;

/**
 * An image that all tables have answered, or a benchmark that some have.
 *
 * @param ingestedMicros when ingest accepted it, microseconds since 1970
 * @param edges to images that were stored before it, each image once
 * @param stored tables that name the image from now on, until they forget it
 * @param forgotten images that went from tables for it, each as often as from tables
 */
public record Gathered(
    String imageId, long ingestedMicros, List<Edge> edges, int stored, List<String> forgotten) {
  public Gathered {
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(edges, "edges");
    Objects.requireNonNull(forgotten, "forgotten");
  }

  /** Of an image that nothing was forgotten for, and that is stored nowhere. */
  public Gathered(String imageId, long ingestedMicros, List<Edge> edges) {
    this(imageId, ingestedMicros, edges, 0, List.of());
  }
}
