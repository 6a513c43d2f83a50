package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.schemas.DuplicateMethod;
import java.util.List;

/** A shard of the vector cells: answers a visit and stores the visitor in one step. */
public final class VectorCells {
  private final VectorIndex index;

  public VectorCells(VectorIndex index) {
    this.index = index;
  }

  /**
   * @throws io.freshet.dedup.similarity.EmbedderChangedException when the shard holds vectors of
   *     another space
   */
  public Answer accept(VectorVisit visit) {
    index.require(visit.spaceId(), visit.vector().length);
    List<Edge> edges =
        index.matches(visit.probe()).stream()
            .limit(Answer.MOST_EDGES)
            .map(VectorCells::edge)
            .toList();
    if (visit.stays()) {
      index.add(visit.inquiry().imageId(), visit.probe());
    }
    return new Answer(visit.inquiry(), edges);
  }

  private static Edge edge(VectorIndex.Match match) {
    return new Edge(
        match.imageId(), new Evidence(DuplicateMethod.COPY_EMBEDDING, (float) match.cosine()));
  }
}
