package io.freshet.curator.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What is retrieved through graphs against the comparison of all pairs, on clustered vectors. */
class SeedIndexPropertyTest {
  private static final SeedIndexPlan GRAPHS = new SeedIndexPlan(0, 64, 128);
  private static final int DIM = 48;
  private static final int IMAGES = 300;
  private static final double RECALL = 0.99;

  @Property(tries = 6)
  void findsNearlyAllThatTheComparisonOfAllPairsFinds(
      @ForAll @LongRange(min = 0, max = 1_000_000) long draw,
      @ForAll @IntRange(min = 5, max = 60) int concepts,
      @ForAll @IntRange(min = 200, max = 1500) int seedImages,
      @ForAll @IntRange(min = 1, max = 4) int perSeed) {
    Clusters clusters = new Clusters(new Random(draw), concepts);
    List<Seed> seeds = clusters.seeds(seedImages);
    List<Candidate> images = clusters.images();
    SampleRetrieval retrieval = new SampleRetrieval(perSeed, 0.35);

    Neighbourhood exact = retrieval.retrieve(SeedIndex.exact(seeds), images);
    Neighbourhood found = retrieval.retrieve(SeedIndex.empty(GRAPHS).rebuilt(seeds), images);

    Set<Selection> common = new HashSet<>(exact.selections());
    common.retainAll(found.selections());
    assertTrue(
        common.size() >= RECALL * exact.selections().size(),
        "%d of %d".formatted(common.size(), exact.selections().size()));
    Set<String> pairs = new HashSet<>();
    exact.selections().forEach(s -> pairs.add(s.dataset() + "/" + s.imageId()));
    for (Selection selection : found.selections()) {
      assertTrue(pairs.contains(selection.dataset() + "/" + selection.imageId()), "" + selection);
    }
    exact
        .near()
        .forEach(
            (dataset, near) -> {
              int here = found.near().get(dataset);
              assertTrue(here <= near && here >= RECALL * near, here + " of " + near);
            });
  }

  @Property(tries = 8)
  void asksNoSeedThatIsFilteredOut(@ForAll @LongRange(min = 0, max = 1_000_000) long draw) {
    Clusters clusters = new Clusters(new Random(draw), 10);
    List<Seed> seeds = clusters.seeds(200);
    List<Candidate> images = clusters.images();
    SampleRetrieval retrieval = new SampleRetrieval(3, 0.35);
    List<Seed> left = seeds.stream().filter(seed -> !seed.imageId().endsWith("3")).toList();
    // So many are looked up that the graph can miss none.
    SeedIndex graphs = SeedIndex.empty(new SeedIndexPlan(0, 200, 400)).rebuilt(seeds);

    SeedIndex filtered = graphs.filtered(left::contains);

    assertEquals(new HashSet<>(left), new HashSet<>(filtered.seeds()));
    assertEquals(
        retrieval.retrieve(SeedIndex.exact(left), images), retrieval.retrieve(filtered, images));
  }

  @Property(tries = 2)
  void builtAgainFindsTheSame(@ForAll @LongRange(min = 0, max = 1_000_000) long draw) {
    Clusters clusters = new Clusters(new Random(draw), 20);
    List<Seed> seeds = clusters.seeds(1000);
    List<Candidate> images = clusters.images();
    SampleRetrieval retrieval = new SampleRetrieval(2, 0);
    assertEquals(
        retrieval.retrieve(SeedIndex.empty(GRAPHS).rebuilt(seeds), images),
        retrieval.retrieve(SeedIndex.empty(GRAPHS).rebuilt(seeds), images));
  }

  /** Unit vectors around common centres; a tenth of the images lie around none. */
  private static final class Clusters {
    private final Random random;
    private final float[][] centres;

    Clusters(Random random, int concepts) {
      this.random = random;
      this.centres = new float[concepts][];
      for (int i = 0; i < concepts; i++) {
        centres[i] = around(new float[DIM], 1);
      }
    }

    List<Seed> seeds(int count) {
      List<Seed> seeds = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        seeds.add(new Seed("seed%05d".formatted(i), "set" + i % 2, ofAnyConcept()));
      }
      return seeds;
    }

    List<Candidate> images() {
      List<Candidate> images = new ArrayList<>();
      for (int i = 0; i < IMAGES; i++) {
        images.add(
            new Candidate(
                "image%03d".formatted(i),
                i % 10 == 0 ? around(new float[DIM], 1) : ofAnyConcept()));
      }
      return images;
    }

    private float[] ofAnyConcept() {
      return around(centres[random.nextInt(centres.length)], 0.7 / Math.sqrt(DIM));
    }

    private float[] around(float[] centre, double spread) {
      float[] vector = new float[DIM];
      double norm = 0;
      for (int i = 0; i < DIM; i++) {
        vector[i] = (float) (centre[i] + spread * random.nextGaussian());
        norm += vector[i] * vector[i];
      }
      for (int i = 0; i < DIM; i++) {
        vector[i] = (float) (vector[i] / Math.sqrt(norm));
      }
      return vector;
    }
  }
}
