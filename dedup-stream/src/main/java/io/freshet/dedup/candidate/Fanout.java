package io.freshet.dedup.candidate;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.HashRow;
import io.freshet.dedup.similarity.CellLayout;
import io.freshet.dedup.similarity.Probe;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sends an image to every table where a copy of it could be stored.
 *
 * <p>Guarantee: of two images that can meet in a table, the one that passes here later finds the
 * earlier there, as long as all visits leave in order over channels that keep it. Owner: one
 * thread.
 */
public final class Fanout {
  private final CellLayout layout;
  private final int minHashQuality;

  /**
   * @param minHashQuality hashes of less quality (0..100) visit no row
   */
  public Fanout(CellLayout layout, int minHashQuality) {
    this.layout = layout;
    this.minHashQuality = minHashQuality;
  }

  /** The visits of one image. */
  public record Visits(List<VectorVisit> toCells, List<HashVisit> toRows) {}

  /** To the tables where an image may have copies, and to the benchmarks of its home shard. */
  public Visits visits(Embedded embedded) {
    Probe probe = layout.probe(embedded.vector());
    return visits(embedded, probe, layout.byShard(probe));
  }

  /**
   * To every table: what is near to a benchmark needn't lie in a cell that a copy would lie in, and
   * each shard keeps all benchmarks.
   */
  public Visits benchmarkVisits(Embedded embedded) {
    return visits(embedded, layout.probe(embedded.vector()), layout.allByShard());
  }

  private Visits visits(Embedded embedded, Probe probe, Map<Integer, int[]> shards) {
    boolean hasHash = embedded.hash().quality() >= minHashQuality;
    Inquiry inquiry =
        new Inquiry(
            embedded.request().imageId(),
            ChronoUnit.MICROS.between(Instant.EPOCH, embedded.request().image().getIngestedAt()),
            shards.size() + (hasHash ? HashRow.ROWS : 0));
    List<VectorVisit> toCells = new ArrayList<>(shards.size());
    shards.forEach(
        (shard, cells) -> toCells.add(visit(inquiry, embedded.spaceId(), probe, shard, cells)));
    return new Visits(toCells, hasHash ? toRows(inquiry, embedded) : List.of());
  }

  private VectorVisit visit(Inquiry inquiry, String spaceId, Probe probe, int shard, int[] cells) {
    boolean isOfBenchmark = inquiry.isOfBenchmark();
    return new VectorVisit(
        shard,
        inquiry,
        spaceId,
        probe.vector(),
        probe.code().words(),
        cells,
        isOfBenchmark ? CellLayout.BENCHMARK_CELL : probe.home(),
        isOfBenchmark || layout.shardOf(probe.home()) == shard);
  }

  private static List<HashVisit> toRows(Inquiry inquiry, Embedded embedded) {
    long[] upright = BitCode.of(embedded.hash().upright()).words();
    long[] mirrored = BitCode.of(embedded.hash().mirrored()).words();
    List<HashVisit> visits = new ArrayList<>(HashRow.ROWS);
    for (int row = 0; row < HashRow.ROWS; row++) {
      visits.add(new HashVisit(row, inquiry, upright, mirrored));
    }
    return visits;
  }
}
