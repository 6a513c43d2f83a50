package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.MapTable;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VectorIndexTest {
  private static final int DIM = 64;
  private static final int CELL = 3;
  private static final String SPACE = "bootstrap@1/features/l2";
  private static final CopyBound BOUND = CopyBound.ofCosine(0.9);
  private static final VectorCoder CODER = new VectorCoder(DIM);

  private final MapTable<Long, byte[]> blocks = new MapTable<>();
  private final MapTable<Integer, byte[]> vectors = new MapTable<>();
  private final Random random = new Random(5);
  private VectorIndex index = index(Retention.ALL);
  private int added;

  @Test
  void findsAllAboveTheThresholdTheNearestFirst() {
    float[] query = UnitVectors.random(DIM, random);
    add(UnitVectors.atCosine(query, 0.95, random));
    add(UnitVectors.atCosine(query, 0.99, random));
    add(UnitVectors.atCosine(query, 0.5, random));

    List<VectorIndex.Match> matches = index.matches(probe(query, CELL), BOUND, 10);

    assertEquals(List.of("1", "0"), matches.stream().map(VectorIndex.Match::imageId).toList());
    assertEquals(0.99, matches.get(0).score(), 1e-5);
  }

  @Test
  void doesNotMatchBelowTheThreshold() {
    float[] query = UnitVectors.random(DIM, random);
    add(UnitVectors.atCosine(query, 0.899, random));
    assertEquals(List.of(), matches(query, CELL));
  }

  @Test
  void ofEqualsTheFirstWins() {
    float[] vector = UnitVectors.random(DIM, random);
    add(vector);
    add(vector.clone());
    assertEquals(List.of("0", "1"), matches(vector, CELL));
  }

  @Test
  void comparesTheNearestByTheirCodesWhereThereAreTooMany() {
    float[] query = UnitVectors.random(DIM, random);
    for (int i = 0; i < 50; i++) {
      add(UnitVectors.atCosine(query, 0.92, random));
    }
    add(query);
    assertEquals(3, index.matches(probe(query, CELL), BOUND, 3).size());
    assertEquals("50", index.matches(probe(query, CELL), BOUND, 3).get(0).imageId());
  }

  @Test
  void aDivisionMovesWhatIsNearerToTheNewFounderAndLosesNothing() {
    float[] founder = UnitVectors.random(DIM, random);
    index.require(SPACE, DIM);
    index.found(CELL, Route.NONE, founder);
    add(founder);
    float[][] near = new float[300][];
    for (int i = 0; i < near.length; i++) {
      near[i] = UnitVectors.random(DIM, random);
      add(near[i]);
    }
    float[] other = UnitVectors.random(DIM, random);

    index.found(7, CELL, other);

    for (int i = 0; i < near.length; i++) {
      boolean isNearer = UnitVectors.dot(near[i], other) > UnitVectors.dot(near[i], founder);
      String imageId = Integer.toString(i + 1);
      assertEquals(isNearer, matches(near[i], 7).contains(imageId));
      assertEquals(!isNearer, matches(near[i], CELL).contains(imageId));
    }
  }

  @Test
  void keepsTheNewestAndForgetsTheRest() {
    index = index(new Retention(200, Duration.ZERO));
    List<float[]> all =
        IntStream.range(0, 1_000).mapToObj(i -> UnitVectors.random(DIM, random)).toList();
    int forgotten = 0;
    for (float[] vector : all) {
      forgotten += add(vector).size();
    }
    assertEquals(800, forgotten);
    assertEquals(200, vectors.size());
    for (int i = 0; i < 1_000; i++) {
      assertEquals(i >= 800, matches(all.get(i), CELL).contains(Integer.toString(i)), "image " + i);
    }
    assertTrue(blocks.size() < 9, "blocks of forgotten images go as well: " + blocks.size());
  }

  @Test
  void forgetsByAgeAFewAtATime() {
    index = index(new Retention(0, Duration.ofSeconds(1)));
    float[] vector = UnitVectors.random(DIM, random);
    for (int i = 0; i < 6; i++) {
      assertEquals(List.of(), add(vector, 0));
    }
    assertEquals(List.of(), add(vector, 1_000_000));
    assertEquals(List.of("0", "1", "2", "3"), add(vector, 1_000_001));
    assertEquals(List.of("4", "5", "6", "7"), matches(vector, CELL));
    assertEquals(List.of("4", "5"), add(vector, 1_000_001));
  }

  @Test
  void refusesAnotherEmbedder() {
    add(UnitVectors.random(DIM, random));
    VectorIndex restored = index(Retention.ALL);
    EmbedderChangedException refused =
        assertThrows(
            EmbedderChangedException.class, () -> restored.require("sscd@1/embedding/l2", DIM));
    assertTrue(refused.getMessage().contains(SPACE), refused.getMessage());
    assertTrue(refused.getMessage().contains("sscd@1/embedding/l2"), refused.getMessage());
  }

  private List<String> matches(float[] query, int cell) {
    return index.matches(probe(query, cell), BOUND, 1_000).stream()
        .map(VectorIndex.Match::imageId)
        .toList();
  }

  private static Probe probe(float[] vector, int cell) {
    return new Probe(vector, QueryCode.of(CODER.rotated(vector)), new int[] {cell}, 0);
  }

  private List<String> add(float[] vector) {
    return add(vector, added);
  }

  private List<String> add(float[] vector, long ingestedMicros) {
    index.require(SPACE, DIM);
    return index.add(
        Integer.toString(added++),
        ingestedMicros,
        CELL,
        vector,
        VectorCode.of(CODER.rotated(vector)),
        0);
  }

  private VectorIndex index(Retention retention) {
    return new VectorIndex(blocks, vectors, retention, VectorIndex.Layout.PLAIN);
  }
}
