package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.testing.MapTable;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VectorIndexTest {
  private static final int DIM = 64;
  private static final String SPACE = "bootstrap@1/features/l2";

  private final MapTable<Long, byte[]> blocks = new MapTable<>();
  private final MapTable<Integer, byte[]> vectors = new MapTable<>();
  private final VectorIndex index = new VectorIndex(blocks, vectors, 0.9, 4, 2);

  @Test
  void findsAllAboveTheThresholdTheNearestFirst() {
    Random random = new Random(5);
    float[] query = UnitVectors.random(DIM, random);
    add(UnitVectors.atCosine(query, 0.95, random));
    add(UnitVectors.atCosine(query, 0.99, random));
    add(UnitVectors.atCosine(query, 0.5, random));

    List<VectorIndex.Match> matches = index.matches(index.probe(SPACE, query));

    assertEquals(List.of(1, 0), matches.stream().map(VectorIndex.Match::ordinal).toList());
    assertEquals(0.99, matches.get(0).cosine(), 1e-5);
  }

  @Test
  void doesNotMatchBelowTheThreshold() {
    Random random = new Random(6);
    float[] query = UnitVectors.random(DIM, random);
    add(UnitVectors.atCosine(query, 0.899, random));
    assertEquals(List.of(), index.matches(index.probe(SPACE, query)));
  }

  @Test
  void ofEqualsTheFirstWins() {
    float[] vector = UnitVectors.random(DIM, new Random(7));
    add(vector);
    add(vector.clone());
    assertEquals(0, index.matches(index.probe(SPACE, vector)).get(0).ordinal());
  }

  @Test
  void refusesAnotherEmbedder() {
    add(UnitVectors.random(DIM, new Random(8)));
    VectorIndex restored = new VectorIndex(blocks, vectors, 0.9, 4, 2);
    EmbedderChangedException refused =
        assertThrows(
            EmbedderChangedException.class,
            () -> restored.probe("sscd@1/embedding/l2", new float[DIM]));
    assertTrue(refused.getMessage().contains(SPACE), refused.getMessage());
    assertTrue(refused.getMessage().contains("sscd@1/embedding/l2"), refused.getMessage());
  }

  @Test
  void refusesAnotherLayout() {
    add(UnitVectors.random(DIM, new Random(9)));
    VectorIndex restored = new VectorIndex(blocks, vectors, 0.9, 5, 2);
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> restored.probe(SPACE, new float[DIM]));
    assertTrue(refused.getMessage().contains("4 cell bits"), refused.getMessage());
  }

  private void add(float[] vector) {
    index.add(vectors.size(), index.probe(SPACE, vector));
  }
}
