package io.freshet.dedup.candidate;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.RowPair;
import io.freshet.dedup.similarity.Background;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.Route;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * Sends an image to every table where a copy of it could be stored.
 *
 * <p>Guarantee: of two images that can meet in a table, the one that passes here later finds the
 * earlier there, as long as all visits leave in order over channels that keep it. Owner: one
 * thread.
 */
public final class Fanout {
  private static final int[] NO_CELLS = {};

  /** What a benchmark has, whose bound is the same for all images. */
  private static final float NO_EXCESS = 0;

  private final CellRouter router;
  private final Optional<Background> background;
  private final int minHashQuality;

  /**
   * @param background that images are compared with, where scores are normalised
   * @param minHashQuality hashes of less quality (0..100) are not compared
   */
  public Fanout(CellRouter router, Optional<Background> background, int minHashQuality) {
    this.router = router;
    this.background = background;
    this.minHashQuality = minHashQuality;
  }

  /** The visits of one image. */
  public record Visits(List<VectorVisit> toCells, List<HashVisit> toRows) {}

  /**
   * Of images that pass one after the other: to the tables where each may have copies, and to the
   * benchmarks of its home shard.
   *
   * @param known are no copies: later ones find them, but they ask for none
   * @throws io.freshet.dedup.similarity.EmbedderChangedException when others came from another
   *     space
   */
  public List<Visits> visits(List<Embedded> images, Predicate<Embedded> known) {
    images.forEach(image -> router.require(image.spaceId(), image.vector().length));
    List<float[]> vectors = images.stream().map(Embedded::vector).toList();
    List<Route> routes = router.file(vectors);
    float[] excess =
        background
            .map(b -> b.pass(images.stream().map(i -> i.request().imageId()).toList(), vectors))
            .orElseGet(() -> new float[images.size()]);
    List<Visits> visits = new ArrayList<>(images.size());
    for (int i = 0; i < images.size(); i++) {
      int[] asked = known.test(images.get(i)) ? NO_CELLS : routes.get(i).cells();
      visits.add(visits(images.get(i), routes.get(i), router.byShard(asked), excess[i]));
    }
    return visits;
  }

  /**
   * To every table: what is near to a benchmark needn't lie in a cell that a copy would lie in, and
   * each shard keeps all benchmarks.
   *
   * @throws io.freshet.dedup.similarity.EmbedderChangedException when others came from another
   *     space
   */
  public Visits benchmarkVisits(Embedded embedded) {
    router.require(embedded.spaceId(), embedded.vector().length);
    Route route = router.everywhere(embedded.vector());
    SortedMap<Integer, int[]> shards = router.byShard(route.cells());
    for (int shard = 0; shard < CellRouter.SHARDS; shard++) {
      shards.putIfAbsent(shard, NO_CELLS);
    }
    return visits(embedded, route, shards, NO_EXCESS);
  }

  private Visits visits(
      Embedded embedded, Route route, SortedMap<Integer, int[]> shards, float excess) {
    if (route.home() != Route.NONE) {
      shards.putIfAbsent(router.shardOf(route.home()), NO_CELLS);
    }
    List<BitCode> codes = PixelHash.codes(embedded.hashes(), minHashQuality);
    Inquiry inquiry =
        new Inquiry(
            embedded.request().imageId(),
            ChronoUnit.MICROS.between(Instant.EPOCH, embedded.request().image().getIngestedAt()),
            shards.size() + (codes.isEmpty() ? 0 : RowPair.PAIRS));
    List<VectorVisit> toCells = new ArrayList<>(shards.size());
    shards.forEach(
        (shard, cells) -> toCells.add(visit(inquiry, embedded, route, shard, cells, excess)));
    return new Visits(toCells, codes.isEmpty() ? List.of() : toRows(inquiry, codes));
  }

  private VectorVisit visit(
      Inquiry inquiry, Embedded embedded, Route route, int shard, int[] cells, float excess) {
    boolean staysHere = !inquiry.isOfBenchmark() && router.shardOf(route.home()) == shard;
    return new VectorVisit(
        shard,
        inquiry,
        embedded.spaceId(),
        embedded.vector(),
        route.code(),
        route.query(),
        cells,
        inquiry.isOfBenchmark() ? VectorCells.BENCHMARKS : staysHere ? route.home() : Route.NONE,
        staysHere && route.founds(),
        staysHere ? route.parent() : Route.NONE,
        excess);
  }

  private static List<HashVisit> toRows(Inquiry inquiry, List<BitCode> codes) {
    List<HashVisit> visits = new ArrayList<>(RowPair.PAIRS);
    for (int pair = 0; pair < RowPair.PAIRS; pair++) {
      visits.add(new HashVisit(pair, inquiry, codes));
    }
    return visits;
  }
}
