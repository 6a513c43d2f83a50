package io.freshet.dedup.gather;

import io.freshet.dedup.candidate.Edge;
import java.util.List;
import java.util.Objects;

/**
 * What has been gathered of an image so far.
 *
 * @param answers that have come
 * @param edges they told, each image once
 * @param stored tables that stored the image
 * @param forgotten images that went from tables for it
 */
public record Partial(int answers, List<Edge> edges, int stored, List<String> forgotten) {
  static final Partial NONE = new Partial(0, List.of(), 0, List.of());

  public Partial {
    forgotten = Objects.requireNonNullElse(forgotten, List.of());
  }
}
