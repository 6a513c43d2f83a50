package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.schemas.DuplicateMethod;
import java.util.List;
import java.util.stream.Stream;

/** A shard of the vector cells: answers a visit and stores the visitor in one step. */
public final class VectorCells {
  private final VectorIndex index;
  private final double copies;
  private final double benchmarks;

  /**
   * @param copies cosine above which two images are copies
   * @param benchmarks cosine above which an image is too near to a benchmark
   */
  public VectorCells(VectorIndex index, double copies, double benchmarks) {
    this.index = index;
    this.copies = copies;
    this.benchmarks = benchmarks;
  }

  /**
   * @throws io.freshet.dedup.similarity.EmbedderChangedException when the shard holds vectors of
   *     another space
   */
  public Answer accept(VectorVisit visit) {
    index.require(visit.spaceId(), visit.vector().length);
    List<Edge> edges = visit.inquiry().isOfBenchmark() ? nearBenchmark(visit) : nearImage(visit);
    if (visit.stays()) {
      index.add(visit.inquiry().imageId(), visit.probe());
    }
    return new Answer(visit.inquiry(), edges);
  }

  /** Every image that was let through before the benchmark was known. */
  private List<Edge> nearBenchmark(VectorVisit visit) {
    return index.matches(visit.probe(), benchmarks).stream().map(VectorCells::edge).toList();
  }

  /** A shard holds all benchmarks, so the one where an image stays is enough to ask. */
  private List<Edge> nearImage(VectorVisit visit) {
    Stream<VectorIndex.Match> images =
        index.matches(visit.probe(), copies).stream().limit(Answer.MOST_EDGES);
    Stream<VectorIndex.Match> benchmark =
        visit.stays()
            ? index.matches(visit.benchmarkProbe(), benchmarks).stream().limit(1)
            : Stream.empty();
    return Stream.concat(images, benchmark).map(VectorCells::edge).toList();
  }

  private static Edge edge(VectorIndex.Match match) {
    return new Edge(
        match.imageId(), new Evidence(DuplicateMethod.COPY_EMBEDDING, (float) match.cosine()));
  }
}
