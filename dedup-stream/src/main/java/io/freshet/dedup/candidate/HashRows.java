package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.HashRow;
import io.freshet.schemas.DuplicateMethod;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** A row of the hash index: answers a visit and stores the visitor in one step. */
public final class HashRows {
  private static final Comparator<HashRow.Match> NEAREST_FIRST =
      Comparator.comparing(HashRow.Match::distance);

  private final HashRow row;
  private final IntConsumer forgotten;

  /**
   * @param forgotten told how many images went for one that came, where any did
   */
  public HashRows(HashRow row, IntConsumer forgotten) {
    this.row = row;
    this.forgotten = forgotten;
  }

  public Answer accept(HashVisit visit) {
    List<HashRow.Match> matches = row.matches(visit.codes());
    int most = visit.inquiry().isOfBenchmark() ? matches.size() : Answer.MOST_EDGES;
    Stream<HashRow.Match> images =
        matches.stream().filter(match -> !isBenchmark(match)).sorted(NEAREST_FIRST).limit(most);
    Stream<HashRow.Match> benchmark =
        matches.stream().filter(HashRows::isBenchmark).sorted(NEAREST_FIRST).limit(1);
    List<Edge> edges = Stream.concat(images, benchmark).map(HashRows::edge).toList();
    return stored(visit.inquiry(), visit.codes(), edges);
  }

  private Answer stored(Inquiry inquiry, List<BitCode> codes, List<Edge> edges) {
    if (inquiry.isOfBenchmark()) {
      row.addLasting(inquiry.imageId(), codes);
      return new Answer(inquiry, edges);
    }
    List<String> gone = row.add(inquiry.imageId(), inquiry.ingestedMicros(), codes);
    if (!gone.isEmpty()) {
      forgotten.accept(gone.size());
    }
    return new Answer(inquiry, edges, 1, gone);
  }

  private static boolean isBenchmark(HashRow.Match match) {
    return Benchmark.isName(match.imageId());
  }

  private static Edge edge(HashRow.Match match) {
    return new Edge(match.imageId(), new Evidence(DuplicateMethod.HASH, match.distance()));
  }
}
