package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.RowPair;
import io.freshet.schemas.DuplicateMethod;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** A pair of rows of the hash index: answers a visit and stores the visitor in one step. */
public final class HashRows {
  /** Hashes that are compared in full with an image's in one pair of rows. */
  private static final int MOST_COMPARED = 1024;

  private static final Comparator<RowPair.Match> NEAREST_FIRST =
      Comparator.comparing(RowPair.Match::distance);

  private final RowPair rows;
  private final IntConsumer forgotten;

  /**
   * @param forgotten told how many images went for one that came, where any did
   */
  public HashRows(RowPair rows, IntConsumer forgotten) {
    this.rows = rows;
    this.forgotten = forgotten;
  }

  public Answer accept(HashVisit visit) {
    boolean asksForAll = visit.inquiry().isOfBenchmark();
    List<RowPair.Match> matches =
        rows.matches(visit.codes(), asksForAll ? Integer.MAX_VALUE : MOST_COMPARED);
    int most = asksForAll ? matches.size() : Answer.MOST_EDGES;
    Stream<RowPair.Match> images =
        matches.stream().filter(match -> !isBenchmark(match)).sorted(NEAREST_FIRST).limit(most);
    Stream<RowPair.Match> benchmark =
        matches.stream().filter(HashRows::isBenchmark).sorted(NEAREST_FIRST).limit(1);
    List<Edge> edges = Stream.concat(images, benchmark).map(HashRows::edge).toList();
    return stored(visit.inquiry(), visit.codes(), edges);
  }

  private Answer stored(Inquiry inquiry, List<BitCode> codes, List<Edge> edges) {
    if (inquiry.isOfBenchmark()) {
      rows.addLasting(inquiry.imageId(), codes);
      return new Answer(inquiry, edges);
    }
    List<String> gone = rows.add(inquiry.imageId(), inquiry.ingestedMicros(), codes);
    if (!gone.isEmpty()) {
      forgotten.accept(gone.size());
    }
    return new Answer(inquiry, edges, 1, gone);
  }

  private static boolean isBenchmark(RowPair.Match match) {
    return Benchmark.isName(match.imageId());
  }

  private static Edge edge(RowPair.Match match) {
    return new Edge(match.imageId(), new Evidence(DuplicateMethod.HASH, match.distance()));
  }
}
