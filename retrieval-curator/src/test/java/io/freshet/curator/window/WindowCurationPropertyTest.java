package io.freshet.curator.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.cluster.Clustering;
import io.freshet.curator.cluster.HierarchicalKMeans;
import io.freshet.curator.cluster.HierarchyConfig;
import io.freshet.curator.cluster.KMeansConfig;
import io.freshet.curator.cluster.Points;
import io.freshet.curator.cluster.SphericalKMeans;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.DotProduct;
import io.freshet.curator.retrieval.NearestSeed;
import io.freshet.curator.retrieval.PairProducts;
import io.freshet.curator.retrieval.SampleRetrieval;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.window.Choice.Strategy;
import io.freshet.curator.window.CuratedWindow.Funnel;
import io.freshet.curator.window.CurationPlan.BalancedPlan;
import io.freshet.curator.window.CurationPlan.ClusterPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The window equals its definition, read out step by step and searched without any shortcut. */
class WindowCurationPropertyTest {
  private static final int DIM = 6;
  private static final KMeansConfig K_MEANS = new KMeansConfig(5, 16);
  private static final HierarchyConfig HIERARCHY = new HierarchyConfig(List.of(6, 2), 1, 3);

  @Property(tries = 200)
  void equalsTheOracleInAnyOrder(
      @ForAll long seed,
      @ForAll @IntRange(max = 50) int images,
      @ForAll @IntRange(max = 20) int seedImages) {
    Random random = new Random(seed);
    CurationPlan plan = plan(random);
    List<Candidate> window = new ArrayList<>();
    for (float[] vector : Points.random(random, images, DIM)) {
      String host = random.nextInt(5) == 0 ? "" : "host" + random.nextInt(4);
      window.add(new Candidate("image%02d".formatted(window.size()), host, vector));
    }
    List<Seed> seeds = new ArrayList<>();
    for (float[] vector : Points.random(random, seedImages, DIM)) {
      seeds.add(new Seed("seed%02d".formatted(seeds.size()), "set" + random.nextInt(3), vector));
    }
    List<Choice> expected = new Oracle(plan, seeds, window).choices();

    Collections.shuffle(window, random);
    Collections.shuffle(seeds, random);
    CuratedWindow curated = new WindowCuration(plan).curate(seeds, window);

    assertEquals(expected, curated.choices());
    requireBudgets(plan, window, curated.choices());
    requirePassed(plan, seeds, window, curated);
    for (Funnel funnel : curated.funnels()) {
      assertEquals(near(plan, seeds, window, funnel.dataset()), funnel.near());
      assertTrue(funnel.sampled() <= funnel.near());
    }
  }

  private static CurationPlan plan(Random random) {
    return new CurationPlan(
        1 + random.nextInt(3),
        random.nextDouble() - 0.3,
        random.nextInt(8),
        random.nextInt(6),
        random.nextBoolean() ? Map.of() : Map.of("set1", new DatasetPlan(5, random.nextInt(4))),
        new ClusterPlan(random.nextInt(4), 1 + random.nextInt(4), 4 + random.nextInt(8)),
        new BalancedPlan(random.nextInt(12), HIERARCHY),
        K_MEANS);
  }

  private static void requireBudgets(
      CurationPlan plan, List<Candidate> window, List<Choice> choices) {
    Set<String> images = new HashSet<>();
    for (Choice choice : choices) {
      assertTrue(images.add(choice.imageId()), "curated twice: " + choice);
    }
    for (String host : Set.of("host0", "host1", "host2", "host3")) {
      long from =
          window.stream()
              .filter(image -> image.host().equals(host) && images.contains(image.imageId()))
              .count();
      assertTrue(plan.imagesPerHost() == 0 || from <= plan.imagesPerHost(), host + ": " + from);
    }
  }

  /**
   * Every image is taken or passed, and what is passed tells its nearest seed and a true reason.
   */
  private static void requirePassed(
      CurationPlan plan, List<Seed> seeds, List<Candidate> window, CuratedWindow curated) {
    Set<String> taken = new HashSet<>();
    curated.choices().forEach(choice -> taken.add(choice.imageId()));
    Map<String, Pass> passed = new HashMap<>();
    for (Pass pass : curated.passed()) {
      assertTrue(passed.put(pass.imageId(), pass) == null, "passed twice: " + pass);
    }
    Set<String> asked = new HashSet<>();
    new SampleRetrieval(
            plan.samplesPerSeed(),
            plan.samplesByDataset(),
            plan.minSimilarity(),
            PairProducts.EXACT)
        .select(seeds, window)
        .forEach(selection -> asked.add(selection.imageId()));
    assertEquals(window.size(), taken.size() + passed.size());
    for (Candidate image : window) {
      Pass pass = passed.get(image.imageId());
      if (pass == null) {
        assertTrue(taken.contains(image.imageId()));
        continue;
      }
      Optional<Seed> nearest =
          seeds.stream()
              .min(
                  Comparator.comparingDouble(
                          (Seed seed) -> -DotProduct.of(seed.vector(), image.vector()))
                      .thenComparing(Seed::imageId));
      assertEquals(nearest.map(Seed::imageId), pass.nearest().map(NearestSeed::seedId));
      boolean isNear =
          nearest.isPresent()
              && DotProduct.of(nearest.get().vector(), image.vector()) >= plan.minSimilarity();
      Pass.Reason expected =
          asked.contains(image.imageId())
              ? Pass.Reason.BUDGET
              : isNear ? Pass.Reason.OUTBID : Pass.Reason.FAR;
      assertEquals(expected, pass.reason());
    }
  }

  private static int near(
      CurationPlan plan, List<Seed> seeds, List<Candidate> window, String dataset) {
    return (int)
        window.stream()
            .filter(
                image ->
                    seeds.stream()
                        .filter(seed -> seed.dataset().equals(dataset))
                        .anyMatch(
                            seed ->
                                DotProduct.of(seed.vector(), image.vector())
                                    >= plan.minSimilarity()))
            .count();
  }

  /** The definition, in the order in which the documentation tells it. */
  private static final class Oracle {
    private final CurationPlan plan;
    private final List<Seed> seeds;
    private final List<Candidate> window;
    private final List<Choice> taken = new ArrayList<>();

    Oracle(CurationPlan plan, List<Seed> seeds, List<Candidate> window) {
      this.plan = plan;
      this.seeds = List.copyOf(seeds);
      this.window = List.copyOf(window);
    }

    List<Choice> choices() {
      samples();
      clusters();
      balanced();
      return taken;
    }

    /** All that any seed asks for, the most similar first; the first one that is allowed wins. */
    private void samples() {
      List<Choice> asked = new ArrayList<>();
      for (Seed seed : seeds) {
        DatasetPlan own = plan.datasets().get(seed.dataset());
        int n = own == null ? plan.samplesPerSeed() : own.samplesPerSeed();
        List<Candidate> nearest = new ArrayList<>(window);
        nearest.sort(
            Comparator.comparingDouble((Candidate c) -> -DotProduct.of(seed.vector(), c.vector()))
                .thenComparing(Candidate::imageId));
        for (int rank = 1; rank <= Math.min(n, nearest.size()); rank++) {
          Candidate image = nearest.get(rank - 1);
          float similarity = DotProduct.of(seed.vector(), image.vector());
          if (similarity >= plan.minSimilarity()) {
            asked.add(
                new Choice(
                    image.imageId(),
                    Strategy.SAMPLE,
                    seed.dataset(),
                    seed.imageId(),
                    similarity,
                    rank));
          }
        }
      }
      asked.sort(
          Comparator.comparingDouble((Choice c) -> -c.similarity())
              .thenComparing(Choice::dataset)
              .thenComparing(Choice::imageId)
              .thenComparingInt(Choice::rank)
              .thenComparing(Choice::queryOrClusterId));
      asked.forEach(this::take);
    }

    private void clusters() {
      int perCluster = plan.cluster().imagesPerCluster();
      if (perCluster == 0 || window.isEmpty()) {
        return;
      }
      Clustering found =
          new SphericalKMeans(K_MEANS)
              .fit(
                  vectors(window), Math.max(1, window.size() / plan.cluster().imagesPerCentroid()));
      for (int k = 0; k < found.centroids().length; k++) {
        float[] centroid = found.centroids()[k];
        List<Candidate> members = members(window, found, k);
        Map<String, Long> counts = new TreeMap<>();
        for (Seed seed : seeds) {
          if (Clustering.nearest(found.centroids(), seed.vector()) == k) {
            counts.merge(seed.dataset(), 1L, Long::sum);
          }
        }
        List<String> datasets = new ArrayList<>(counts.keySet());
        datasets.removeIf(dataset -> counts.get(dataset) < plan.cluster().minSeeds());
        datasets.sort(Comparator.comparingLong((String dataset) -> -counts.get(dataset)));
        for (String dataset : datasets) {
          int rank = 1;
          for (Candidate image : members) {
            if (rank <= perCluster
                && take(
                    new Choice(
                        image.imageId(),
                        Strategy.CLUSTER,
                        dataset,
                        medoid(members, centroid),
                        DotProduct.of(image.vector(), centroid),
                        rank))) {
              rank++;
            }
          }
        }
      }
    }

    private void balanced() {
      List<Candidate> left = new ArrayList<>(window);
      left.removeIf(image -> taken.stream().anyMatch(c -> c.imageId().equals(image.imageId())));
      if (plan.balanced().images() == 0 || left.isEmpty()) {
        return;
      }
      List<Clustering> levels = new HierarchicalKMeans(K_MEANS, HIERARCHY).fit(vectors(left));
      int[] ranks = new int[HIERARCHY.clusters().get(0)];
      for (int i : HierarchicalKMeans.balancedSample(levels, plan.balanced().images())) {
        int k = levels.get(0).assignment()[i];
        float[] centroid = levels.get(0).centroids()[k];
        if (take(
            new Choice(
                left.get(i).imageId(),
                Strategy.BALANCED,
                Choice.BALANCED,
                medoid(members(left, levels.get(0), k), centroid),
                DotProduct.of(left.get(i).vector(), centroid),
                ranks[k] + 1))) {
          ranks[k]++;
        }
      }
    }

    private boolean take(Choice choice) {
      String host = host(choice.imageId());
      DatasetPlan own = plan.datasets().get(choice.dataset());
      int budget = own == null ? plan.imagesPerDataset() : own.images();
      long ofDataset = taken.stream().filter(c -> c.dataset().equals(choice.dataset())).count();
      long ofHost = taken.stream().filter(c -> host(c.imageId()).equals(host)).count();
      boolean refused =
          taken.stream().anyMatch(c -> c.imageId().equals(choice.imageId()))
              || (budget > 0 && ofDataset >= budget)
              || (plan.imagesPerHost() > 0 && !host.isEmpty() && ofHost >= plan.imagesPerHost());
      return !refused && taken.add(choice);
    }

    private String host(String imageId) {
      return window.stream()
          .filter(image -> image.imageId().equals(imageId))
          .findFirst()
          .orElseThrow()
          .host();
    }

    private static List<Candidate> members(List<Candidate> images, Clustering found, int k) {
      List<Candidate> members = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        if (found.assignment()[i] == k) {
          members.add(images.get(i));
        }
      }
      return members;
    }

    private static String medoid(List<Candidate> members, float[] centroid) {
      Candidate nearest = members.get(0);
      for (Candidate image : members) {
        if (DotProduct.of(image.vector(), centroid) > DotProduct.of(nearest.vector(), centroid)) {
          nearest = image;
        }
      }
      return nearest.imageId();
    }

    private static float[][] vectors(List<Candidate> images) {
      return images.stream().map(Candidate::vector).toArray(float[][]::new);
    }
  }
}
