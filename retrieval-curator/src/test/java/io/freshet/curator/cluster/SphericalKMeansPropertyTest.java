package io.freshet.curator.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.retrieval.DotProduct;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SphericalKMeansPropertyTest {
  private static final int DIM = 8;

  @Property(tries = 100)
  void putsEachPointWithItsNearestUnitCentroid(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 60) int points,
      @ForAll @IntRange(min = 1, max = 70) int clusters,
      @ForAll @IntRange(min = 1, max = 80) int batch) {
    float[][] data = Points.random(new Random(seed), points, DIM);
    Clustering found = new SphericalKMeans(new KMeansConfig(10, batch)).fit(data, clusters);

    assertEquals(Math.min(points, clusters), found.centroids().length);
    for (float[] centroid : found.centroids()) {
      assertEquals(1, DotProduct.of(centroid, centroid), 1e-4);
    }
    for (int i = 0; i < points; i++) {
      float own = DotProduct.of(data[i], found.centroids()[found.assignment()[i]]);
      for (float[] other : found.centroids()) {
        assertTrue(own >= DotProduct.of(data[i], other), "point " + i);
      }
    }
  }

  /** Directions that are far apart are told apart, in mini-batches as in whole ones. */
  @Property(tries = 50)
  void findsClustersThatAreFarApart(@ForAll long seed) {
    Random random = new Random(seed);
    float[][] data = new float[200][];
    for (int i = 0; i < data.length; i++) {
      data[i] = Points.near(random, i % 4, DIM, 0.05);
    }
    for (int batch : new int[] {64, 1000}) {
      Clustering found = new SphericalKMeans(new KMeansConfig(30, batch)).fit(data, 4);
      for (int i = 0; i < data.length; i++) {
        assertEquals(found.assignment()[i % 4], found.assignment()[i], "batch of " + batch);
      }
      assertEquals(
          4,
          new HashSet<>(
                  List.of(
                      found.assignment()[0],
                      found.assignment()[1],
                      found.assignment()[2],
                      found.assignment()[3]))
              .size());
    }
  }

  /** A concept of 1,000 images gets no more of the sample than one of 10. */
  @Example
  void balancesWhatFlatClustersWouldDrown() {
    Random random = new Random(7);
    int[] sizes = {1000, 100, 20, 10};
    float[][] data = new float[1130][];
    int[] concept = new int[data.length];
    int filled = 0;
    for (int c = 0; c < sizes.length; c++) {
      for (int i = 0; i < sizes[c]; i++) {
        concept[filled] = c;
        data[filled++] = Points.near(random, c, DIM, 0.1);
      }
    }
    List<Clustering> levels =
        new HierarchicalKMeans(
                new KMeansConfig(20, 4096), new HierarchyConfig(List.of(24, 4), 3, 4))
            .fit(data);
    int[] sample = HierarchicalKMeans.balancedSample(levels, 40);
    assertEquals(40, sample.length);
    int[] taken = new int[sizes.length];
    Set<Integer> once = new HashSet<>();
    for (int i : sample) {
      assertTrue(once.add(i));
      taken[concept[i]]++;
    }
    for (int c = 0; c < sizes.length; c++) {
      assertEquals(10, taken[c], "concept " + c);
    }
  }
}
