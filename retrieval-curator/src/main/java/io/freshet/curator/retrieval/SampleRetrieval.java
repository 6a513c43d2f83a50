package io.freshet.curator.retrieval;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sample-based retrieval: each seed takes the {@code samplesPerSeed} images of the window that are
 * nearest to it by cosine. An image that several seeds of a dataset take is selected once for that
 * dataset, with the seed it is nearest to.
 *
 * <p>The result is a function of the sets of seeds and candidates, not of their order: equal
 * similarities are ordered by image id. Exact: every pair is compared.
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

  private final int samplesPerSeed;
  private final Map<String, Integer> samplesByDataset;
  private final double minSimilarity;

  /**
   * @param samplesPerSeed the N of the paper, typically 4; 32 for small prized datasets
   * @param minSimilarity cosine below which an image is nobody's neighbour. A window holds far
   *     fewer images than the web, so that the nearest may still be far.
   */
  public SampleRetrieval(int samplesPerSeed, double minSimilarity) {
    this(samplesPerSeed, Map.of(), minSimilarity);
  }

  /**
   * As above, with another N for some datasets.
   *
   * @param samplesByDataset the N of each dataset that has its own
   */
  public SampleRetrieval(
      int samplesPerSeed, Map<String, Integer> samplesByDataset, double minSimilarity) {
    requirePositive(samplesPerSeed);
    samplesByDataset.values().forEach(SampleRetrieval::requirePositive);
    if (!(minSimilarity >= -1 && minSimilarity <= 1)) {
      throw new IllegalArgumentException(
          "min_similarity is a cosine in -1..1, not " + minSimilarity);
    }
    this.samplesPerSeed = samplesPerSeed;
    this.samplesByDataset = Map.copyOf(samplesByDataset);
    this.minSimilarity = minSimilarity;
  }

  private static void requirePositive(int samples) {
    if (samples < 1) {
      throw new IllegalArgumentException("samples_per_seed must be at least 1, not " + samples);
    }
  }

  private record Neighbour(String imageId, float similarity) {}

  private record Choice(String dataset, String imageId) {}

  /** Selections by dataset, then the most similar first. */
  public List<Selection> select(List<Seed> seeds, List<Candidate> candidates) {
    return retrieve(seeds, candidates).selections();
  }

  /** As {@link #select}, with the number of images that were near enough to be selected. */
  public Neighbourhood retrieve(List<Seed> seeds, List<Candidate> candidates) {
    Map<Choice, Selection> best = new HashMap<>();
    Map<String, BitSet> near = new HashMap<>();
    for (Seed seed : seeds) {
      List<Neighbour> neighbours =
          nearest(seed, candidates, near.computeIfAbsent(seed.dataset(), d -> new BitSet()));
      for (int i = 0; i < neighbours.size(); i++) {
        Neighbour neighbour = neighbours.get(i);
        Selection selection =
            new Selection(
                neighbour.imageId(), seed.dataset(), seed.imageId(), neighbour.similarity(), i + 1);
        best.merge(
            new Choice(seed.dataset(), neighbour.imageId()),
            selection,
            (a, b) -> BEST_FIRST.compare(a, b) <= 0 ? a : b);
      }
    }
    Map<String, List<Selection>> byDataset = new TreeMap<>();
    best.values()
        .forEach(s -> byDataset.computeIfAbsent(s.dataset(), d -> new ArrayList<>()).add(s));
    SortedMap<String, Integer> nearImages = new TreeMap<>();
    near.forEach((dataset, images) -> nearImages.put(dataset, images.cardinality()));
    return new Neighbourhood(
        byDataset.values().stream()
            .flatMap(selections -> selections.stream().sorted(BEST_FIRST))
            .toList(),
        nearImages);
  }

  private List<Neighbour> nearest(Seed seed, List<Candidate> candidates, BitSet near) {
    int samples = samplesByDataset.getOrDefault(seed.dataset(), samplesPerSeed);
    PriorityQueue<Neighbour> farthestFirst = new PriorityQueue<>(NEAREST_FIRST.reversed());
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      float similarity = DotProduct.of(seed.vector(), candidate.vector());
      if (similarity < minSimilarity) {
        continue;
      }
      near.set(i);
      farthestFirst.add(new Neighbour(candidate.imageId(), similarity));
      if (farthestFirst.size() > samples) {
        farthestFirst.remove();
      }
    }
    return farthestFirst.stream().sorted(NEAREST_FIRST).toList();
  }
}
