package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import io.freshet.sink.tally.StoredFeatures.Match;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class StoredFeaturesPropertyTest {
  private static final String SPACE = "freshet@1/cls/l2";
  private static final String OTHER = "freshet@2/cls/l2";

  @Property(tries = 100)
  void findsWhatBruteForceFinds(@ForAll long seed) {
    Random random = new Random(seed);
    StoredFeatures features = new StoredFeatures(1 << 20);
    Map<String, Vector> expected = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      String id = "image" + random.nextInt(60);
      switch (random.nextInt(4)) {
        case 0 -> {
          features.erase(id, SPACE);
          expected.remove(id);
        }
        case 1 -> features.put(id, vector(OTHER, random));
        default -> {
          Vector vector = vector(SPACE, random);
          features.put(id, vector);
          expected.put(id, vector);
        }
      }
    }
    Vector query = vector(SPACE, random);
    List<String> nearest =
        expected.entrySet().stream()
            .sorted(Comparator.comparingDouble(entry -> -Vectors.cosine(query, entry.getValue())))
            .limit(7)
            .map(Map.Entry::getKey)
            .toList();
    List<Match> found = features.nearest(SPACE, Vectors.toFloats(query), 7);
    assertEquals(nearest, found.stream().map(Match::imageId).toList());
    found.forEach(
        match ->
            assertEquals(
                Vectors.cosine(query, expected.get(match.imageId())), match.cosine(), 1e-5));
    assertEquals(expected.size(), features.spaces().getOrDefault(SPACE, 0));
  }

  @Test
  void dropsTheOldestBeyondItsMemory() {
    Random random = new Random(1);
    StoredFeatures features = new StoredFeatures(10_000);
    for (int i = 0; i < 1_000; i++) {
      features.put("image" + i, vector(SPACE, random));
    }
    int held = features.spaces().get(SPACE);
    assertTrue(held > 10 && held < 60, "held " + held);
    assertTrue(features.vector("image999", SPACE).isPresent());
    assertTrue(features.vector("image0", SPACE).isEmpty());
  }

  @Test
  void refusesAQueryOfAnotherLength() {
    StoredFeatures features = new StoredFeatures(10_000);
    features.put("image", vector(SPACE, new Random(1)));
    assertThrows(
        IllegalArgumentException.class, () -> features.nearest(SPACE, new float[] {1, 2}, 1));
  }

  private static Vector vector(String space, Random random) {
    float[] elements = new float[8];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    return Vectors.of(space, elements);
  }
}
