package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.hash.HashRow;
import io.freshet.schemas.DuplicateMethod;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A row of the hash index: answers a visit and stores the visitor in one step. */
public final class HashRows {
  private static final Comparator<HashRow.Match> NEAREST_FIRST =
      Comparator.comparing(HashRow.Match::distance);

  private final HashRow row;

  public HashRows(HashRow row) {
    this.row = row;
  }

  public Answer accept(HashVisit visit) {
    List<HashRow.Match> matches = row.matches(visit.codes());
    int most = visit.inquiry().isOfBenchmark() ? matches.size() : Answer.MOST_EDGES;
    Stream<HashRow.Match> images =
        matches.stream().filter(match -> !isBenchmark(match)).sorted(NEAREST_FIRST).limit(most);
    Stream<HashRow.Match> benchmark =
        matches.stream().filter(HashRows::isBenchmark).sorted(NEAREST_FIRST).limit(1);
    List<Edge> edges = Stream.concat(images, benchmark).map(HashRows::edge).toList();
    row.add(visit.inquiry().imageId(), visit.codes());
    return new Answer(visit.inquiry(), edges);
  }

  private static boolean isBenchmark(HashRow.Match match) {
    return Benchmark.isName(match.imageId());
  }

  private static Edge edge(HashRow.Match match) {
    return new Edge(match.imageId(), new Evidence(DuplicateMethod.HASH, match.distance()));
  }
}
