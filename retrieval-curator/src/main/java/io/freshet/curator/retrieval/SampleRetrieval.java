package io.freshet.curator.retrieval;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Sample-based retrieval: each seed takes the {@code samplesPerSeed} images of the window that are
 * nearest to it by cosine. An image that several seeds of a dataset take is selected once for that
 * dataset, with the seed it is nearest to.
 *
 * <p>The result is a function of the sets of seeds and candidates, not of their order: equal
 * similarities are ordered by image id.
 *
 * <p>In a small dataset every pair is compared. In a large one each image looks up the seeds
 * nearest to it, and these are asked, the nearest first, for their N images until one of them takes
 * it. So whatever is selected is what the comparison of all pairs selects, with the seed's rank
 * among all images of the window; what can be missed is an image whose seed the graph didn't show,
 * or that only seeds beyond its {@link SeedIndexPlan#nearestSeeds} would take. The cost grows with
 * the window and hardly with the seeds.
 *
 * @see <a href="https://arxiv.org/abs/2304.07193">DINOv2, section 3 and appendix A</a>
 */
public final class SampleRetrieval {
  private static final Comparator<Neighbour> NEAREST_FIRST =
      Comparator.comparingDouble((Neighbour n) -> -n.similarity())
          .thenComparing(Neighbour::imageId);
  private static final Comparator<Selection> BEST_FIRST =
      Comparator.comparingDouble((Selection s) -> -s.similarity())
          .thenComparingInt(Selection::rank)
          .thenComparing(Selection::seedId)
          .thenComparing(Selection::imageId);

  /** Products of so many seeds are in memory at once. */
  private static final int SEEDS_TOGETHER = 256;

  private final int samplesPerSeed;
  private final Map<String, Integer> samplesByDataset;
  private final double minSimilarity;
  private final PairProducts products;

  /**
   * One N for all datasets, {@link PairProducts#EXACT}.
   *
   * @param samplesPerSeed the N of the paper, typically 4; 32 for small prized datasets
   * @param minSimilarity cosine below which an image is nobody's neighbour. A window holds far
   *     fewer images than the web, so that the nearest may still be far.
   */
  public SampleRetrieval(int samplesPerSeed, double minSimilarity) {
    this(samplesPerSeed, Map.of(), minSimilarity, PairProducts.EXACT);
  }

  /**
   * As above, with another N for some datasets.
   *
   * @param samplesByDataset the N of each dataset that has its own
   * @param products what tells pairs that matter; selections don't depend on it
   */
  public SampleRetrieval(
      int samplesPerSeed,
      Map<String, Integer> samplesByDataset,
      double minSimilarity,
      PairProducts products) {
    requirePositive(samplesPerSeed);
    samplesByDataset.values().forEach(SampleRetrieval::requirePositive);
    if (!(minSimilarity >= -1 && minSimilarity <= 1)) {
      throw new IllegalArgumentException(
          "min_similarity is a cosine in -1..1, not " + minSimilarity);
    }
    this.samplesPerSeed = samplesPerSeed;
    this.samplesByDataset = Map.copyOf(samplesByDataset);
    this.minSimilarity = minSimilarity;
    this.products = products;
  }

  private static void requirePositive(int samples) {
    if (samples < 1) {
      throw new IllegalArgumentException("samples_per_seed must be at least 1, not " + samples);
    }
  }

  private record Neighbour(String imageId, float similarity) {
    static Neighbour of(Seed seed, Candidate image) {
      return new Neighbour(image.imageId(), DotProduct.of(seed.vector(), image.vector()));
    }

    Selection selectedBy(Seed seed, int rank) {
      return new Selection(imageId, seed.dataset(), seed.imageId(), similarity, rank);
    }
  }

  /**
   * What one dataset found.
   *
   * @param best the selection of each image, by its id
   * @param near positions of the candidates that are near enough to any seed
   */
  private record Found(Map<String, Selection> best, BitSet near) {
    Found() {
      this(new HashMap<>(), new BitSet());
    }

    void add(Selection selection) {
      best.merge(selection.imageId(), selection, (a, b) -> BEST_FIRST.compare(a, b) <= 0 ? a : b);
    }
  }

  /** Selections by dataset, then the most similar first; every pair is compared. */
  public List<Selection> select(List<Seed> seeds, List<Candidate> candidates) {
    return retrieve(SeedIndex.exact(seeds), candidates).selections();
  }

  /** Selections, with the number of images that were near enough to be selected. */
  public Neighbourhood retrieve(SeedIndex seeds, List<Candidate> candidates) {
    List<Selection> selections = new ArrayList<>();
    SortedMap<String, Integer> near = new TreeMap<>();
    if (candidates.isEmpty()) {
      seeds.datasets().keySet().forEach(dataset -> near.put(dataset, 0));
      return new Neighbourhood(List.of(), near, Map.of());
    }
    try (PairProducts.Images images =
        products.with(candidates.stream().map(Candidate::vector).toList())) {
      Window window =
          new Window(candidates, images, new NearestSeeds(candidates, products.error()));
      seeds
          .datasets()
          .forEach(
              (dataset, members) -> {
                Found found = new Found();
                if (members.isExact()) {
                  askAll(members, window, found);
                } else {
                  askNearest(members, window, seeds.plan(), found);
                }
                found.best().values().stream().sorted(BEST_FIRST).forEach(selections::add);
                near.put(dataset, found.near().cardinality());
              });
      return new Neighbourhood(List.copyOf(selections), near, window.nearest().byImage());
    }
  }

  /** What is searched. */
  private record Window(
      List<Candidate> candidates, PairProducts.Images images, NearestSeeds nearest) {
    float[] times(List<Seed> seeds) {
      return images.times(seeds.stream().map(Seed::vector).toList());
    }
  }

  private void askAll(DatasetSeeds seeds, Window window, Found found) {
    List<Seed> all = seeds.seeds();
    for (int from = 0; from < all.size(); from += SEEDS_TOGETHER) {
      List<Seed> together = all.subList(from, Math.min(all.size(), from + SEEDS_TOGETHER));
      float[] rows = window.times(together);
      for (int row = 0; row < together.size(); row++) {
        Seed seed = together.get(row);
        window.nearest().compare(seed, rows, row * window.candidates().size());
        List<Neighbour> neighbours = nearest(seed, window.candidates(), rows, row, found.near());
        for (int i = 0; i < neighbours.size(); i++) {
          found.add(neighbours.get(i).selectedBy(seed, i + 1));
        }
      }
    }
  }

  private void askNearest(DatasetSeeds seeds, Window window, SeedIndexPlan plan, Found found) {
    List<Candidate> candidates = window.candidates();
    List<List<Seed>> nearSeeds = new ArrayList<>();
    Map<String, NavigableSet<Neighbour>> askers = new HashMap<>();
    for (int i = 0; i < candidates.size(); i++) {
      Candidate image = candidates.get(i);
      List<Seed> near = seeds.near(image.vector(), plan);
      nearSeeds.add(near);
      if (!near.isEmpty()) {
        window.nearest().compare(near.get(0), i);
      }
      for (Seed seed : near) {
        keepNearest(
            askers.computeIfAbsent(seed.imageId(), id -> new TreeSet<>(NEAREST_FIRST)),
            Neighbour.of(seed, image),
            samples(seed));
      }
    }
    Map<String, List<Neighbour>> asked = new HashMap<>();
    BitSet unused = new BitSet();
    for (int i = 0; i < candidates.size(); i++) {
      for (Seed seed : nearSeeds.get(i)) {
        Neighbour here = Neighbour.of(seed, candidates.get(i));
        Selection taken = found.best().get(here.imageId());
        if (here.similarity() < minSimilarity
            || (taken != null && here.similarity() < taken.similarity())) {
          break;
        }
        found.near().set(i);
        // Those that looked the seed up may fill its N without it; else all are compared.
        if (askers.get(seed.imageId()).contains(here)) {
          int place =
              asked
                  .computeIfAbsent(
                      seed.imageId(),
                      id -> nearest(seed, candidates, window.times(List.of(seed)), 0, unused))
                  .indexOf(here);
          if (place >= 0) {
            found.add(here.selectedBy(seed, place + 1));
          }
        }
      }
    }
  }

  private static void keepNearest(NavigableSet<Neighbour> nearest, Neighbour next, int most) {
    nearest.add(next);
    if (nearest.size() > most) {
      nearest.pollLast();
    }
  }

  private int samples(Seed seed) {
    return samplesByDataset.getOrDefault(seed.dataset(), samplesPerSeed);
  }

  /**
   * The N nearest of all images, the nearest first. Only pairs that their product leaves in doubt
   * are looked at.
   *
   * @param products with all candidates, in the given row
   * @param near set where a candidate is near enough
   */
  private List<Neighbour> nearest(
      Seed seed, List<Candidate> candidates, float[] products, int row, BitSet near) {
    int samples = samples(seed);
    float error = this.products.error();
    PriorityQueue<Neighbour> farthestFirst = new PriorityQueue<>(NEAREST_FIRST.reversed());
    int start = row * candidates.size();
    for (int i = 0; i < candidates.size(); i++) {
      float product = products[start + i];
      boolean isFar = product + error < minSimilarity;
      boolean isNear = product - error >= minSimilarity;
      if (isNear) {
        near.set(i);
      }
      boolean isBeaten =
          farthestFirst.size() == samples && product + error < farthestFirst.peek().similarity();
      if (isFar || (isNear && isBeaten)) {
        continue;
      }
      Neighbour neighbour = Neighbour.of(seed, candidates.get(i));
      if (neighbour.similarity() < minSimilarity) {
        continue;
      }
      near.set(i);
      farthestFirst.add(neighbour);
      if (farthestFirst.size() > samples) {
        farthestFirst.remove();
      }
    }
    return farthestFirst.stream().sorted(NEAREST_FIRST).toList();
  }
}
