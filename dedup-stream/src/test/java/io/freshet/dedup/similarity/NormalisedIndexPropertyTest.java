package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.similarity.VectorIndex.Layout;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.MapTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.BeforeTry;

class NormalisedIndexPropertyTest {
  private static final int DIM = 64;
  private static final int CELL = 2;
  private static final int OTHER_CELL = 5;
  private static final String SPACE = "sscd@1/embedding/l2";
  private static final VectorCoder CODER = new VectorCoder(DIM);
  private static final CopyBound BOUND = new CopyBound(0.6, 1);

  /** Pairs so near to their bound that codes may miss them count for neither side. */
  private static final double CODES_MISS = 0.03;

  private MapTable<Long, byte[]> blocks;
  private MapTable<Integer, byte[]> table;
  private List<float[]> vectors;
  private List<Float> excess;

  @BeforeTry
  void startEmpty() {
    blocks = new MapTable<>();
    table = new MapTable<>();
    vectors = new ArrayList<>();
    excess = new ArrayList<>();
  }

  @Property(tries = 30)
  void findsWhatAScanFindsAlsoAfterACellWasDivided(@ForAll long seed) {
    Random random = new Random(seed);
    VectorIndex index = open(Layout.WITH_EXCESS);
    index.require(SPACE, DIM);
    float[] founder = UnitVectors.random(DIM, random);
    index.found(CELL, Route.NONE, founder);
    for (int i = 0; i < 300; i++) {
      add(index, CELL, UnitVectors.atCosine(founder, random.nextDouble(), random), random);
    }
    float[] other = UnitVectors.atCosine(founder, 0.4, random);
    index.found(OTHER_CELL, CELL, other);
    for (int i = 0; i < 20; i++) {
      float[] query = UnitVectors.atCosine(founder, random.nextDouble(), random);
      float own = excess(random);
      Map<String, Double> found = new TreeMap<>();
      int[] cells = {CELL, OTHER_CELL};
      Probe probe = new Probe(query, QueryCode.of(CODER.rotated(query)), cells, own);
      index
          .matches(probe, BOUND, 1_000)
          .forEach(match -> found.put(match.imageId(), match.score()));
      assertSameAsScan(query, own, found);
    }
  }

  private void assertSameAsScan(float[] query, float own, Map<String, Double> found) {
    for (int i = 0; i < vectors.size(); i++) {
      double cosine = UnitVectors.dot(query, vectors.get(i));
      double above = cosine - Math.max(0.4, Math.min(0.8, 0.6 + (own + excess.get(i)) / 2));
      Double score = found.get(Integer.toString(i));
      if (Math.abs(above) > CODES_MISS) {
        assertEquals(above > 0, score != null, "image %d, %s above".formatted(i, above));
      }
      if (score != null) {
        assertEquals(0.6 + above, score, 1e-4);
      }
    }
  }

  @Example
  void comparesThoseThatAreFarthestAboveTheirBoundsWhereThereAreTooMany() {
    Random random = new Random(8);
    VectorIndex index = open(Layout.WITH_EXCESS);
    index.require(SPACE, DIM);
    float[] query = UnitVectors.random(DIM, random);
    for (int i = 0; i < 50; i++) {
      put(index, CELL, UnitVectors.atCosine(query, 0.85, random), 0.3f);
    }
    put(index, CELL, UnitVectors.atCosine(query, 0.7, random), -0.3f);
    Probe probe = new Probe(query, QueryCode.of(CODER.rotated(query)), new int[] {CELL}, 0);
    assertEquals("50", index.matches(probe, BOUND, 3).get(0).imageId());
  }

  @Example
  void refusesAStateOfTheOtherLayoutAndSaysWhatToDo() {
    open(Layout.PLAIN).require(SPACE, DIM);
    open(Layout.PLAIN).require(SPACE, DIM);
    StoredOtherwiseException refused =
        assertThrows(
            StoredOtherwiseException.class, () -> open(Layout.WITH_EXCESS).require(SPACE, DIM));
    assertTrue(refused.getMessage().contains("normalisation.weight"), refused.getMessage());
    assertTrue(refused.getMessage().contains("empty state"), refused.getMessage());
  }

  private void add(VectorIndex index, int cell, float[] vector, Random random) {
    put(index, cell, vector, excess(random));
  }

  private void put(VectorIndex index, int cell, float[] vector, float own) {
    VectorCode code = VectorCode.of(CODER.rotated(vector));
    index.add(Integer.toString(vectors.size()), vectors.size(), cell, vector, code, own);
    vectors.add(vector);
    excess.add(own);
  }

  private static float excess(Random random) {
    return (float) (0.2 * random.nextGaussian());
  }

  private VectorIndex open(Layout layout) {
    return new VectorIndex(blocks, table, Retention.ALL, layout);
  }
}
