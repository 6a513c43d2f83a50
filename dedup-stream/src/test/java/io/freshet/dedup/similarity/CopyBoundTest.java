package io.freshet.dedup.similarity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CopyBoundTest {
  private static final CopyBound BOUND = new CopyBound(0.6, 1);

  private final Random random = new Random(7);

  @Test
  void isTheThresholdWhereNeitherHasAnExcessAndMovesByTheMeanOfBoth() {
    assertEquals(0.6, BOUND.cosine(0, 0), 1e-9);
    assertEquals(0.7, BOUND.cosine(0.2f, 0), 1e-6);
    assertEquals(0.55, BOUND.cosine(0.1f, -0.2f), 1e-6);
    assertEquals(0.65, new CopyBound(0.6, 0.5).cosine(0.1f, 0.1f), 1e-6);
  }

  @Test
  void movesByHalfOfWhatTheThresholdLacksToOneAtMost() {
    assertEquals(0.8, BOUND.cosine(0.5f, 0.6f), 1e-9);
    assertEquals(0.4, BOUND.cosine(-0.5f, -0.6f), 1e-9);
  }

  @Test
  void isTheSameForAPairWhicheverIsAskedFirst() {
    for (int i = 0; i < 1_000; i++) {
      float a = random.nextFloat() - 0.5f;
      float b = random.nextFloat() - 0.5f;
      assertEquals(BOUND.cosine(a, b), BOUND.cosine(b, a));
    }
  }

  @Test
  void theScoreExceedsTheThresholdWhereTheCosineExceedsTheBound() {
    double bound = BOUND.cosine(0.1f, 0.05f);
    assertEquals(0.61, BOUND.score(bound + 0.01, 0.1f, 0.05f), 1e-9);
    assertEquals(0.59, BOUND.score(bound - 0.01, 0.1f, 0.05f), 1e-9);
    assertEquals(0.7, CopyBound.ofCosine(0.6).score(0.7, 0.1f, 0.05f));
  }
}
