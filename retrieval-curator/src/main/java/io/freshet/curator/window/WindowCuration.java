package io.freshet.curator.window;

import io.freshet.curator.cluster.Clustering;
import io.freshet.curator.cluster.HierarchicalKMeans;
import io.freshet.curator.cluster.SphericalKMeans;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.DotProduct;
import io.freshet.curator.retrieval.NearestSeed;
import io.freshet.curator.retrieval.Neighbourhood;
import io.freshet.curator.retrieval.PairProducts;
import io.freshet.curator.retrieval.SampleRetrieval;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.retrieval.SeedIndex;
import io.freshet.curator.retrieval.Selection;
import io.freshet.curator.window.Choice.Strategy;
import io.freshet.curator.window.CuratedWindow.Funnel;
import io.freshet.curator.window.Pass.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The curation of one window, as a batch: which of its images are taken, on whose behalf.
 *
 * <p>The three strategies choose one after the other, and an image that one takes is gone for the
 * next:
 *
 * <ol>
 *   <li><b>Sample retrieval.</b> Each seed asks for its nearest images. What several ask for goes
 *       to the one it is nearest to; among equals the first dataset by name.
 *   <li><b>Cluster retrieval.</b> From each cluster that holds enough seeds of a dataset, the
 *       dataset takes images. Where several do, the one with more seeds in it chooses first.
 *   <li><b>Balanced sampling.</b> From what is left, as evenly over a hierarchy of clusters as its
 *       supply allows.
 * </ol>
 *
 * <p>Within a cluster images are taken by image id. Ids are SHA-256 digests, so this is a random
 * sample, and the same one whoever draws it. The result is a function of the sets of seeds and
 * images, not of their order. Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/2304.07193">DINOv2, appendix A: sample and cluster
 *     retrieval</a>
 */
public final class WindowCuration {
  private static final Comparator<Selection> MOST_SIMILAR_FIRST =
      Comparator.comparingDouble((Selection s) -> -s.similarity())
          .thenComparing(Selection::dataset)
          .thenComparing(Selection::imageId);

  private final CurationPlan plan;
  private final SampleRetrieval samples;
  private final SphericalKMeans kMeans;
  private final HierarchicalKMeans hierarchy;

  /** Pair by pair. */
  public WindowCuration(CurationPlan plan) {
    this(plan, PairProducts.EXACT);
  }

  /**
   * @param products what tells pairs of seeds and images that matter; selections don't depend on it
   */
  public WindowCuration(CurationPlan plan, PairProducts products) {
    this.plan = plan;
    this.samples =
        new SampleRetrieval(
            plan.samplesPerSeed(), plan.samplesByDataset(), plan.minSimilarity(), products);
    this.kMeans = new SphericalKMeans(plan.kMeans());
    this.hierarchy = new HierarchicalKMeans(plan.kMeans(), plan.balanced().hierarchy());
  }

  /**
   * As the other, with every seed compared with every image.
   *
   * @param seeds no image twice in a dataset
   */
  public CuratedWindow curate(List<Seed> seeds, List<Candidate> images) {
    return curate(SeedIndex.exact(seeds), images);
  }

  /**
   * @param images no image twice; vectors of the seeds' space
   */
  public CuratedWindow curate(SeedIndex seeds, List<Candidate> images) {
    List<Seed> attracting = seeds.seeds();
    List<Candidate> window =
        images.stream().sorted(Comparator.comparing(Candidate::imageId)).toList();
    Budgets budgets = new Budgets(plan);
    Neighbourhood found = samples.retrieve(seeds, window);
    takeSamples(found, window, budgets);
    List<Integer> clusterSizes = takeFromClusters(attracting, window, budgets);
    takeBalanced(window, budgets);
    return new CuratedWindow(
        budgets.taken(),
        passed(found, window, budgets),
        funnels(attracting, found, budgets.taken()),
        clusterSizes);
  }

  private List<Pass> passed(Neighbourhood found, List<Candidate> window, Budgets budgets) {
    Set<String> asked = new HashSet<>();
    found.selections().forEach(selection -> asked.add(selection.imageId()));
    return window.stream()
        .map(Candidate::imageId)
        .filter(imageId -> !budgets.isTaken(imageId))
        .map(imageId -> pass(imageId, found.nearest().get(imageId), asked.contains(imageId)))
        .toList();
  }

  private Pass pass(String imageId, NearestSeed nearest, boolean wasAsked) {
    boolean isFar = nearest == null || nearest.similarity() < plan.minSimilarity();
    return new Pass(
        imageId,
        wasAsked ? Reason.BUDGET : isFar ? Reason.FAR : Reason.OUTBID,
        Optional.ofNullable(nearest));
  }

  private static void takeSamples(Neighbourhood found, List<Candidate> window, Budgets budgets) {
    Map<String, Candidate> byId = new HashMap<>();
    window.forEach(image -> byId.put(image.imageId(), image));
    found.selections().stream()
        .sorted(MOST_SIMILAR_FIRST)
        .forEach(
            selection ->
                budgets.take(
                    new Choice(
                        selection.imageId(),
                        Strategy.SAMPLE,
                        selection.dataset(),
                        selection.seedId(),
                        selection.similarity(),
                        selection.rank()),
                    byId.get(selection.imageId())));
  }

  private List<Integer> takeFromClusters(
      List<Seed> seeds, List<Candidate> window, Budgets budgets) {
    if (plan.cluster().imagesPerCluster() == 0 || window.isEmpty()) {
      return List.of();
    }
    int clusters = Math.max(1, window.size() / plan.cluster().imagesPerCentroid());
    Clustering clustering = kMeans.fit(vectors(window), clusters);
    List<Map<String, Integer>> seedsOf = seedsByCluster(seeds, clustering.centroids());
    int[][] members = clustering.members();
    for (int k = 0; k < members.length; k++) {
      List<String> datasets = datasetsOf(seedsOf.get(k));
      if (members[k].length == 0 || datasets.isEmpty()) {
        continue;
      }
      float[] centroid = clustering.centroids()[k];
      List<Candidate> cluster = pick(window, members[k]);
      String id = medoid(cluster, centroid);
      for (String dataset : datasets) {
        takeFromCluster(dataset, id, centroid, cluster, budgets);
      }
    }
    return Arrays.stream(clustering.sizes()).boxed().sorted(Comparator.reverseOrder()).toList();
  }

  private void takeFromCluster(
      String dataset, String id, float[] centroid, List<Candidate> members, Budgets budgets) {
    int rank = 1;
    for (Candidate image : members) {
      if (rank > plan.cluster().imagesPerCluster()) {
        return;
      }
      if (budgets.take(choice(Strategy.CLUSTER, dataset, id, centroid, image, rank), image)) {
        rank++;
      }
    }
  }

  private static List<Map<String, Integer>> seedsByCluster(List<Seed> seeds, float[][] centroids) {
    List<Map<String, Integer>> seedsOf = new ArrayList<>();
    for (int k = 0; k < centroids.length; k++) {
      seedsOf.add(new TreeMap<>());
    }
    for (Seed seed : seeds) {
      int nearest = Clustering.nearest(centroids, seed.vector());
      seedsOf.get(nearest).merge(seed.dataset(), 1, Integer::sum);
    }
    return seedsOf;
  }

  /** Datasets with enough seeds in the cluster; who has more of them chooses first. */
  private List<String> datasetsOf(Map<String, Integer> seeds) {
    return seeds.entrySet().stream()
        .filter(entry -> entry.getValue() >= plan.cluster().minSeeds())
        .sorted(
            Comparator.comparingInt((Map.Entry<String, Integer> entry) -> -entry.getValue())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .toList();
  }

  private void takeBalanced(List<Candidate> window, Budgets budgets) {
    List<Candidate> left =
        window.stream().filter(image -> !budgets.isTaken(image.imageId())).toList();
    if (plan.balanced().images() == 0 || left.isEmpty()) {
      return;
    }
    List<Clustering> levels = hierarchy.fit(vectors(left));
    Clustering lowest = levels.get(0);
    int[][] members = lowest.members();
    String[] ids = new String[members.length];
    int[] ranks = new int[members.length];
    for (int i : HierarchicalKMeans.balancedSample(levels, plan.balanced().images())) {
      int cluster = lowest.assignment()[i];
      float[] centroid = lowest.centroids()[cluster];
      if (ids[cluster] == null) {
        ids[cluster] = medoid(pick(left, members[cluster]), centroid);
      }
      Candidate image = left.get(i);
      Choice choice =
          choice(
              Strategy.BALANCED,
              Choice.BALANCED,
              ids[cluster],
              centroid,
              image,
              ranks[cluster] + 1);
      if (budgets.take(choice, image)) {
        ranks[cluster]++;
      }
    }
  }

  private static Choice choice(
      Strategy strategy,
      String dataset,
      String clusterId,
      float[] centroid,
      Candidate image,
      int rank) {
    return new Choice(
        image.imageId(),
        strategy,
        dataset,
        clusterId,
        DotProduct.of(image.vector(), centroid),
        rank);
  }

  /** The image that stands for a cluster: the nearest to its centroid. */
  private static String medoid(List<Candidate> members, float[] centroid) {
    return members.stream()
        .max(
            Comparator.comparingDouble((Candidate c) -> DotProduct.of(c.vector(), centroid))
                .thenComparing(Comparator.comparing(Candidate::imageId).reversed()))
        .orElseThrow()
        .imageId();
  }

  private static List<Candidate> pick(List<Candidate> window, int[] indices) {
    return Arrays.stream(indices).mapToObj(window::get).toList();
  }

  private static float[][] vectors(List<Candidate> images) {
    return images.stream().map(Candidate::vector).toArray(float[][]::new);
  }

  private static List<Funnel> funnels(List<Seed> seeds, Neighbourhood found, List<Choice> taken) {
    List<Funnel> funnels = new ArrayList<>();
    for (String dataset : new TreeSet<>(seeds.stream().map(Seed::dataset).toList())) {
      funnels.add(
          new Funnel(
              dataset,
              Math.toIntExact(seeds.stream().filter(s -> s.dataset().equals(dataset)).count()),
              found.near().getOrDefault(dataset, 0),
              count(taken, dataset, Strategy.SAMPLE),
              count(taken, dataset, Strategy.CLUSTER)));
    }
    return funnels;
  }

  private static int count(List<Choice> taken, String dataset, Strategy strategy) {
    return Math.toIntExact(
        taken.stream()
            .filter(choice -> choice.strategy() == strategy && choice.dataset().equals(dataset))
            .count());
  }
}
