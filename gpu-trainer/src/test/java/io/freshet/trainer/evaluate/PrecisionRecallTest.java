package io.freshet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.trainer.evaluate.PrecisionRecall.Point;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrecisionRecallTest {
  @Test
  void followsTheThresholdDown() {
    PrecisionRecall curve =
        PrecisionRecall.of(
            new float[] {0.9f, 0.8f, 0.7f, 0.6f}, new boolean[] {true, false, true, false});
    assertEquals(
        List.of(new Point(0.5, 1), new Point(0.5, 0.5), new Point(1, 2.0 / 3), new Point(1, 0.5)),
        curve.points());
    assertEquals(0.5 * 1 + 0.5 * 2 / 3, curve.averagePrecision(), 1e-12);
  }

  @Test
  void itemsOfEqualScoreComeTogether() {
    PrecisionRecall curve =
        PrecisionRecall.of(new float[] {0, 1, 0, 0}, new boolean[] {true, true, false, false});
    assertEquals(List.of(new Point(0.5, 1), new Point(1, 0.5)), curve.points());
    assertEquals(0.75, curve.averagePrecision(), 1e-12);
    // Whatever their order.
    assertEquals(
        curve,
        PrecisionRecall.of(new float[] {0, 0, 0, 1}, new boolean[] {false, false, true, true}));
  }

  @Test
  void isOneWhenAllThatIsWantedScoresHighest() {
    assertEquals(
        1,
        PrecisionRecall.of(new float[] {3, 1, 2}, new boolean[] {true, false, true})
            .averagePrecision());
  }

  /** By its definition, threshold by threshold. */
  @Test
  void equalsTheDefinition() {
    Random random = new Random(4);
    for (int trial = 0; trial < 200; trial++) {
      int n = 1 + random.nextInt(30);
      float[] scores = new float[n];
      boolean[] wanted = new boolean[n];
      for (int i = 0; i < n; i++) {
        scores[i] = random.nextInt(6);
        wanted[i] = random.nextBoolean();
      }
      wanted[random.nextInt(n)] = true;
      double average = 0;
      double recallBefore = 0;
      for (int threshold = 5; threshold >= 0; threshold--) {
        int taken = 0;
        int right = 0;
        int all = 0;
        for (int i = 0; i < n; i++) {
          taken += scores[i] >= threshold ? 1 : 0;
          right += scores[i] >= threshold && wanted[i] ? 1 : 0;
          all += wanted[i] ? 1 : 0;
        }
        double recall = (double) right / all;
        average += taken == 0 ? 0 : (recall - recallBefore) * right / taken;
        recallBefore = recall;
      }
      assertEquals(average, PrecisionRecall.of(scores, wanted).averagePrecision(), 1e-12);
    }
  }

  @Test
  void refusesWhatHasNothingToFind() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PrecisionRecall.of(new float[] {1}, new boolean[] {false}));
    assertThrows(
        IllegalArgumentException.class,
        () -> PrecisionRecall.of(new float[] {1, 2}, new boolean[] {true}));
  }
}
