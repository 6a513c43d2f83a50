package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.similarity.CopyBound;
import io.freshet.dedup.similarity.Route;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.schemas.DuplicateMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Shards of the vector cells: answer a visit and store the visitor in one step. A benchmark, which
 * asks all that is stored, gets its answers by and by. One thread.
 */
public final class VectorCells {
  /** The one cell of the benchmarks, in a table of their own. */
  static final int BENCHMARKS = 0;

  /**
   * Vectors that are compared with an image in one shard, those that are nearest by their codes.
   */
  private static final int MOST_COMPARED = 1024;

  private final VectorIndex images;
  private final VectorIndex benchmarks;
  private final BenchmarkScans scans;
  private final CopyBound copies;
  private final CopyBound nearBenchmark;
  private final IntConsumer forgotten;

  /** The space that is known to be the pinned one, by shard. */
  private final Map<Integer, String> checked = new HashMap<>();

  /**
   * @param images normalised where {@code copies} is
   * @param scans of benchmarks that came after images
   * @param copies where two images are copies
   * @param benchmarksAbove cosine above which an image is too near to a benchmark
   * @param forgotten told how many images went for one that came, where any did
   */
  public VectorCells(
      VectorIndex images,
      VectorIndex benchmarks,
      BenchmarkScans scans,
      CopyBound copies,
      double benchmarksAbove,
      IntConsumer forgotten) {
    this.images = images;
    this.benchmarks = benchmarks;
    this.scans = scans;
    this.copies = copies;
    this.nearBenchmark = CopyBound.ofCosine(benchmarksAbove);
    this.forgotten = forgotten;
  }

  /**
   * @throws io.freshet.dedup.similarity.EmbedderChangedException when the shard holds vectors of
   *     another space
   */
  public Answer accept(VectorVisit visit) {
    requireSpace(visit);
    if (visit.inquiry().isOfBenchmark()) {
      add(benchmarks, visit);
      scans.add(visit);
      return new Answer(visit.inquiry(), List.of());
    }
    List<Edge> near = nearImage(visit);
    if (!visit.stays()) {
      return new Answer(visit.inquiry(), near);
    }
    if (visit.founds()) {
      images.found(visit.home(), visit.parent(), visit.vector());
      if (visit.parent() != Route.NONE) {
        scans.founded(visit.home());
      }
    }
    List<String> gone = add(images, visit);
    if (!gone.isEmpty()) {
      forgotten.accept(gone.size());
    }
    return new Answer(visit.inquiry(), near, 1, gone);
  }

  /** Whether a benchmark has yet to be compared with images of the shard. */
  public boolean isScanning() {
    return !scans.isEmpty();
  }

  /**
   * Compares a benchmark with the next images that were let through before it was known.
   *
   * @return the answer to the benchmark, if it is near to any of them
   */
  public Optional<Answer> scan() {
    return scans
        .next()
        .map(slice -> new Answer(slice.visit().inquiry(), nearBenchmark(slice)))
        .filter(answer -> !answer.edges().isEmpty());
  }

  /** Once a shard and space: reading what is pinned with each visit would be half of its reads. */
  private void requireSpace(VectorVisit visit) {
    if (!visit.spaceId().equals(checked.get(visit.shard()))) {
      images.require(visit.spaceId(), visit.vector().length);
      benchmarks.require(visit.spaceId(), visit.vector().length);
      checked.put(visit.shard(), visit.spaceId());
    }
  }

  private static List<String> add(VectorIndex index, VectorVisit visit) {
    Inquiry inquiry = visit.inquiry();
    return index.add(
        inquiry.imageId(),
        inquiry.ingestedMicros(),
        visit.home(),
        visit.vector(),
        visit.code(),
        visit.excess());
  }

  private List<Edge> nearBenchmark(BenchmarkScans.Slice slice) {
    return images
        .matches(slice.visit().probe(slice.cells()), nearBenchmark, Integer.MAX_VALUE)
        .stream()
        .map(VectorCells::edge)
        .toList();
  }

  /** A shard holds all benchmarks, so the one where an image stays is enough to ask. */
  private List<Edge> nearImage(VectorVisit visit) {
    Stream<VectorIndex.Match> near =
        images.matches(visit.probe(), copies, MOST_COMPARED).stream().limit(Answer.MOST_EDGES);
    Stream<VectorIndex.Match> benchmark =
        visit.stays()
            ? benchmarks.matches(visit.probe(BENCHMARKS), nearBenchmark, MOST_COMPARED).stream()
                .limit(1)
            : Stream.empty();
    return Stream.concat(near, benchmark).map(VectorCells::edge).toList();
  }

  private static Edge edge(VectorIndex.Match match) {
    return new Edge(
        match.imageId(), new Evidence(DuplicateMethod.COPY_EMBEDDING, (float) match.score()));
  }
}
