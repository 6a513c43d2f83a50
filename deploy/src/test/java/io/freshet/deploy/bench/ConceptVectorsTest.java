package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConceptVectorsTest {
  private static final int STORED = 500;
  private static final ConceptVectors VECTORS = new ConceptVectors(512, 20, STORED, 1);

  @Test
  void aVectorDependsOnItsNumberAlone() {
    assertArrayEquals(
        VECTORS.vector(7), new ConceptVectors(512, 20, 1_000, 1).vector(7), "and on no size");
    assertEquals(1, ConceptVectors.dot(VECTORS.vector(7), VECTORS.vector(7)), 1e-5);
  }

  @Test
  void everySecondQueryIsACopyAndTheCosinesSpreadEvenly() {
    int[] byTenth = new int[4];
    int copies = 0;
    for (int query = 0; query < 400; query++) {
      float[] vector = VECTORS.vector(STORED + query);
      double nearest =
          IntStream.range(0, STORED)
              .mapToDouble(i -> ConceptVectors.dot(vector, VECTORS.vector(i)))
              .max()
              .orElseThrow();
      assertEquals(query % 2 == 0, nearest > 0.5999, "query %d: %.3f".formatted(query, nearest));
      if (query % 2 == 0) {
        copies++;
        byTenth[(int) Math.min(3, (nearest - 0.5999) * 10)]++;
      }
    }
    assertEquals(200, copies);
    for (int count : byTenth) {
      assertTrue(count > 25 && count < 80, "of 200 copies: " + count);
    }
  }

  @Test
  void recallIsTheShareOfTheExactPairs() {
    EdgeSet exact = new EdgeSet();
    exact.add(0, 1);
    exact.add(0, 2);
    EdgeSet found = new EdgeSet();
    found.add(0, 2);
    found.add(5, 1);
    assertEquals(0.5, found.recall(exact));
    assertEquals(1, found.recall(new EdgeSet()), "nothing to find");
  }

  @Test
  void refusesSizesThatMakeNoSense() {
    assertThrows(IllegalArgumentException.class, () -> new ConceptVectors(1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new ConceptVectors(2, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new ConceptVectors(2, 1, 0, 1));
  }
}
