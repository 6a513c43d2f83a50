package io.freshet.dedup.candidate;

import java.util.List;
import java.util.Objects;

/**
 * What one table knows of an image that asked.
 *
 * @param edges to images stored there before, the strongest first: at most {@link #MOST_EDGES} and
 *     one to a benchmark; all of them where a benchmark asks
 * @param stored 1 where the table stored the image among those that it can forget, else 0
 * @param forgotten images that went from the table for it; no later answer of the table names them
 */
public record Answer(Inquiry inquiry, List<Edge> edges, int stored, List<String> forgotten) {
  /** DINOv2 takes the 64 nearest of an image (arXiv 2304.07193, appendix A). */
  public static final int MOST_EDGES = 64;

  public Answer {
    Objects.requireNonNull(inquiry, "inquiry");
    Objects.requireNonNull(edges, "edges");
    Objects.requireNonNull(forgotten, "forgotten");
  }

  /** Of a table that stored nothing that it can forget. */
  public Answer(Inquiry inquiry, List<Edge> edges) {
    this(inquiry, edges, 0, List.of());
  }
}
