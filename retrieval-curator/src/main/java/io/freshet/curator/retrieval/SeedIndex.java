package io.freshet.curator.retrieval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The seeds of all datasets as a window searches them: all are compared in small datasets, a graph
 * is looked up in large ones. Vectors of one space. Immutable and thread-safe.
 */
public final class SeedIndex {
  private final SeedIndexPlan plan;
  private final SortedMap<String, DatasetSeeds> datasets;

  private SeedIndex(SeedIndexPlan plan, SortedMap<String, DatasetSeeds> datasets) {
    this.plan = plan;
    this.datasets = datasets;
  }

  /**
   * All seeds are compared with all images.
   *
   * @param seeds no image twice in a dataset
   */
  public static SeedIndex exact(Collection<Seed> seeds) {
    return empty(SeedIndexPlan.EXACT).rebuilt(seeds);
  }

  /** An index without seeds. */
  public static SeedIndex empty(SeedIndexPlan plan) {
    return new SeedIndex(plan, new TreeMap<>());
  }

  /**
   * An index of other seeds. What belongs to a dataset of which no seed changed is taken over; a
   * large dataset costs about a millisecond a seed.
   *
   * @param seeds no image twice in a dataset
   */
  public SeedIndex rebuilt(Collection<Seed> seeds) {
    Map<String, List<Seed>> byDataset = new TreeMap<>();
    seeds.forEach(
        seed -> byDataset.computeIfAbsent(seed.dataset(), d -> new ArrayList<>()).add(seed));
    SortedMap<String, DatasetSeeds> next = new TreeMap<>();
    byDataset.forEach(
        (dataset, members) -> {
          DatasetSeeds before = datasets.get(dataset);
          next.put(
              dataset,
              before != null && before.holds(members) ? before : DatasetSeeds.of(members, plan));
        });
    return new SeedIndex(plan, next);
  }

  /** Without the seeds that fail the test, at once: nothing is built anew. */
  public SeedIndex filtered(Predicate<Seed> kept) {
    SortedMap<String, DatasetSeeds> left = new TreeMap<>();
    datasets.forEach(
        (dataset, seeds) -> {
          DatasetSeeds filtered = seeds.filtered(kept);
          if (!filtered.isEmpty()) {
            left.put(dataset, filtered);
          }
        });
    return new SeedIndex(plan, left);
  }

  /** By dataset, then by image id. */
  public List<Seed> seeds() {
    return datasets.values().stream().flatMap(dataset -> dataset.seeds().stream()).toList();
  }

  SeedIndexPlan plan() {
    return plan;
  }

  /** By name. */
  SortedMap<String, DatasetSeeds> datasets() {
    return datasets;
  }
}
