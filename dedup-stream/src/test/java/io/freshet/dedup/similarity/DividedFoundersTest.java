package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DividedFoundersTest {
  private static final int DIM = 66;

  /** More than a piece of memory holds. */
  private static final int FOUNDERS = 2_500;

  private static final int FIRST_CELLS = 7;

  @Test
  void comparesAllThatDescendFromTheCellsAndNoOther() {
    Random random = new Random(3);
    DividedFounders divided = new DividedFounders(DIM);
    Map<Integer, float[]> expected = new HashMap<>();
    for (int i = 0; i < FOUNDERS; i++) {
      int first = 400 * random.nextInt(FIRST_CELLS);
      int cell = 10_000 + i;
      float[] founder = UnitVectors.random(DIM, random);
      divided.add(first, cell, written(founder));
      if (first == 400 || first == 2_400) {
        expected.put(cell, founder);
      }
    }
    float[] vector = UnitVectors.random(DIM, random);
    NearestCells under = divided.under(new int[] {2_400, 17, 400, 90_000}, vector);
    Set<Integer> cells = new HashSet<>();
    for (int i = 0; i < under.size(); i++) {
      cells.add(under.cells()[i]);
      assertEquals(
          UnitVectors.dot(expected.get(under.cells()[i]), vector), under.cosines()[i], 0.005);
    }
    assertEquals(expected.keySet(), cells);
    assertEquals(expected.size(), under.size());
  }

  @Test
  void nothingDescendsFromACellThatWasNeverDivided() {
    assertEquals(0, new DividedFounders(DIM).under(new int[] {0, 5}, new float[DIM]).size());
  }

  private static ByteBuffer written(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(DIM);
    ByteVector.write(vector, bytes);
    return bytes.flip();
  }
}
