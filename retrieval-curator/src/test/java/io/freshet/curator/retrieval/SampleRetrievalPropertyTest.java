package io.freshet.curator.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class SampleRetrievalPropertyTest {
  private static final int DIM = 12;
  private static final PairProducts MATRIX = MatrixProducts.open();

  @Property(tries = 300)
  void equalsTheBruteForceOracleInAnyOrder(
      @ForAll @LongRange(min = 0, max = 1_000_000) long seed,
      @ForAll @IntRange(min = 0, max = 40) int images,
      @ForAll @IntRange(min = 0, max = 15) int seedImages,
      @ForAll @IntRange(min = 1, max = 6) int perSeed) {
    Random random = new Random(seed);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      candidates.add(new Candidate("image" + i, unit(random)));
    }
    List<Seed> seeds = new ArrayList<>();
    for (int i = 0; i < seedImages; i++) {
      seeds.add(new Seed("seed" + i, "dataset" + i % 3, unit(random)));
    }
    double minSimilarity = random.nextDouble() - 0.5;
    Set<Selection> expected = oracle(seeds, candidates, perSeed, minSimilarity);

    Collections.shuffle(candidates, random);
    Collections.shuffle(seeds, random);
    for (PairProducts products :
        List.of(PairProducts.EXACT, MATRIX, new RoughProducts(0.1f, random))) {
      List<Selection> selected =
          new SampleRetrieval(perSeed, Map.of(), minSimilarity, products).select(seeds, candidates);
      assertEquals(expected, new HashSet<>(selected), products.toString());
      assertEquals(expected.size(), selected.size(), "no selection twice");
    }
  }

  /** As far off as they may be. */
  private record RoughProducts(float error, Random random) implements PairProducts {
    @Override
    public Images with(List<float[]> images) {
      Images exact = EXACT.with(images);
      return new Images() {
        @Override
        public float[] times(List<float[]> seeds) {
          float[] products = exact.times(seeds);
          for (int i = 0; i < products.length; i++) {
            products[i] += 0.99f * error * (2 * random.nextFloat() - 1);
          }
          return products;
        }

        @Override
        public void close() {
          exact.close();
        }
      };
    }
  }

  /** The definition, computed the slow way: sort everything, take the first N. */
  private static Set<Selection> oracle(
      List<Seed> seeds, List<Candidate> candidates, int n, double minSimilarity) {
    Map<String, Selection> best = new HashMap<>();
    for (Seed seed : seeds) {
      List<Candidate> sorted = new ArrayList<>(candidates);
      sorted.sort(
          Comparator.comparingDouble((Candidate c) -> -similarity(seed, c))
              .thenComparing(Candidate::imageId));
      for (int rank = 1; rank <= Math.min(n, sorted.size()); rank++) {
        Candidate candidate = sorted.get(rank - 1);
        float similarity = similarity(seed, candidate);
        if (similarity < minSimilarity) {
          break;
        }
        Selection now =
            new Selection(candidate.imageId(), seed.dataset(), seed.imageId(), similarity, rank);
        best.merge(seed.dataset() + "/" + candidate.imageId(), now, (a, b) -> nearer(b, a) ? b : a);
      }
    }
    return new HashSet<>(best.values());
  }

  private static boolean nearer(Selection a, Selection b) {
    if (a.similarity() != b.similarity()) {
      return a.similarity() > b.similarity();
    }
    if (a.rank() != b.rank()) {
      return a.rank() < b.rank();
    }
    return a.seedId().compareTo(b.seedId()) < 0;
  }

  private static float similarity(Seed seed, Candidate candidate) {
    return DotProduct.of(seed.vector(), candidate.vector());
  }

  /** Few distinct directions, so that equal similarities happen. */
  private static float[] unit(Random random) {
    float[] vector = new float[DIM];
    vector[random.nextInt(DIM)] = 1;
    if (random.nextBoolean()) {
      vector[random.nextInt(DIM)] = 1;
    }
    double norm = 0;
    for (float x : vector) {
      norm += x * x;
    }
    for (int i = 0; i < DIM; i++) {
      vector[i] = (float) (vector[i] / Math.sqrt(norm));
    }
    return vector;
  }
}
