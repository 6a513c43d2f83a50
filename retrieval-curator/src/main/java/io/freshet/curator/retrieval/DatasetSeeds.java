package io.freshet.curator.retrieval;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The seeds of one dataset, with a graph when there are many. Immutable; the seeds that were taken
 * out since the graph was built stay in it and don't count.
 */
final class DatasetSeeds {
  private static final Comparator<Seed> BY_IMAGE = Comparator.comparing(Seed::imageId);

  private final List<Seed> indexed;
  private final BitSet live;
  private final Optional<SeedGraph> graph;

  private DatasetSeeds(List<Seed> indexed, BitSet live, Optional<SeedGraph> graph) {
    this.indexed = indexed;
    this.live = live;
    this.graph = graph;
  }

  static DatasetSeeds of(List<Seed> seeds, SeedIndexPlan plan) {
    List<Seed> sorted = seeds.stream().sorted(BY_IMAGE).toList();
    BitSet live = new BitSet();
    live.set(0, sorted.size());
    return new DatasetSeeds(
        sorted,
        live,
        sorted.size() > plan.exactSeeds() ? Optional.of(SeedGraph.over(sorted)) : Optional.empty());
  }

  /** Whether these are the very seeds, so that nothing need be built anew. */
  boolean holds(List<Seed> seeds) {
    return live.cardinality() == indexed.size()
        && indexed.equals(seeds.stream().sorted(BY_IMAGE).toList());
  }

  DatasetSeeds filtered(Predicate<Seed> kept) {
    BitSet left = (BitSet) live.clone();
    live.stream().filter(i -> !kept.test(indexed.get(i))).forEach(left::clear);
    return left.equals(live) ? this : new DatasetSeeds(indexed, left, graph);
  }

  boolean isEmpty() {
    return live.isEmpty();
  }

  /** By image id. */
  List<Seed> seeds() {
    return live.stream().mapToObj(indexed::get).toList();
  }

  boolean isExact() {
    return graph.isEmpty();
  }

  /** By falling similarity; empty graph: all seeds are near. */
  List<Seed> near(float[] vector, SeedIndexPlan plan) {
    IntStream found =
        graph
            .map(g -> IntStream.of(g.near(vector, plan.nearestSeeds(), plan.beam(), live::get)))
            .orElseGet(live::stream);
    return found
        .mapToObj(indexed::get)
        .sorted(
            Comparator.comparingDouble((Seed seed) -> -DotProduct.of(seed.vector(), vector))
                .thenComparing(BY_IMAGE))
        .toList();
  }
}
