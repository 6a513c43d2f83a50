package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.testing.MapTable;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VectorIndexTest {
  private static final int DIM = 64;
  private static final String SPACE = "bootstrap@1/features/l2";

  private final MapTable<Long, byte[]> blocks = new MapTable<>();
  private final MapTable<Integer, byte[]> vectors = new MapTable<>();
  private final ImageIds imageIds = new ImageIds(new MapTable<>());
  private final CellLayout layout = new CellLayout(4, 2);
  private final VectorIndex index = index(layout);

  @Test
  void findsAllAboveTheThresholdTheNearestFirst() {
    Random random = new Random(5);
    float[] query = UnitVectors.random(DIM, random);
    add(UnitVectors.atCosine(query, 0.95, random));
    add(UnitVectors.atCosine(query, 0.99, random));
    add(UnitVectors.atCosine(query, 0.5, random));

    List<VectorIndex.Match> matches = index.matches(layout.probe(query), 0.9);

    assertEquals(List.of("1", "0"), matches.stream().map(VectorIndex.Match::imageId).toList());
    assertEquals(0.99, matches.get(0).cosine(), 1e-5);
  }

  @Test
  void doesNotMatchBelowTheThreshold() {
    Random random = new Random(6);
    float[] query = UnitVectors.random(DIM, random);
    add(UnitVectors.atCosine(query, 0.899, random));
    assertEquals(List.of(), index.matches(layout.probe(query), 0.9));
  }

  @Test
  void ofEqualsTheFirstWins() {
    float[] vector = UnitVectors.random(DIM, new Random(7));
    add(vector);
    add(vector.clone());
    assertEquals("0", index.matches(layout.probe(vector), 0.9).get(0).imageId());
  }

  @Test
  void refusesAnotherEmbedder() {
    add(UnitVectors.random(DIM, new Random(8)));
    VectorIndex restored = index(layout);
    EmbedderChangedException refused =
        assertThrows(
            EmbedderChangedException.class, () -> restored.require("sscd@1/embedding/l2", DIM));
    assertTrue(refused.getMessage().contains(SPACE), refused.getMessage());
    assertTrue(refused.getMessage().contains("sscd@1/embedding/l2"), refused.getMessage());
  }

  @Test
  void refusesAnotherLayout() {
    add(UnitVectors.random(DIM, new Random(9)));
    VectorIndex restored = index(new CellLayout(5, 2));
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> restored.require(SPACE, DIM));
    assertTrue(refused.getMessage().contains("4 cell bits"), refused.getMessage());
  }

  private void add(float[] vector) {
    index.require(SPACE, DIM);
    index.add(Integer.toString(vectors.size()), layout.probe(vector));
  }

  private VectorIndex index(CellLayout cells) {
    return new VectorIndex(blocks, vectors, imageIds, cells);
  }
}
