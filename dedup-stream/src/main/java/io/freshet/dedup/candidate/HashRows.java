package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.hash.HashRow;
import io.freshet.schemas.DuplicateMethod;
import java.util.Comparator;
import java.util.List;

/** A row of the hash index: answers a visit and stores the visitor in one step. */
public final class HashRows {
  private final HashRow row;

  public HashRows(HashRow row) {
    this.row = row;
  }

  public Answer accept(HashVisit visit) {
    List<Edge> edges =
        row.matches(visit.codes()).stream()
            .sorted(Comparator.comparing(HashRow.Match::distance))
            .limit(Answer.MOST_EDGES)
            .map(HashRows::edge)
            .toList();
    row.add(visit.inquiry().imageId(), visit.codes());
    return new Answer(visit.inquiry(), edges);
  }

  private static Edge edge(HashRow.Match match) {
    return new Edge(match.imageId(), new Evidence(DuplicateMethod.HASH, match.distance()));
  }
}
