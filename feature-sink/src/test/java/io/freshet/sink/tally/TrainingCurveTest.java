package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingCurveTest {
  private final TrainingCurve curve = new TrainingCurve();

  @Test
  void staysBoundedAndEvenlySpacedFromTheFirstStepOn() {
    for (int step = 0; step < 10_000; step++) {
      curve.add(step, Map.of("loss", (double) step));
    }
    List<Long> steps = curve.columns().step();
    assertTrue(steps.size() <= TrainingCurve.MAX_POINTS, "points: " + steps.size());
    assertTrue(steps.size() > TrainingCurve.MAX_POINTS / 2 - 1, "points: " + steps.size());
    long stride = steps.get(1);
    IntStream.range(0, steps.size()).forEach(i -> assertEquals(i * stride, steps.get(i)));
    assertEquals((stride - 1) / 2.0, curve.columns().series().get("loss").get(0), 1e-9);
  }

  @Test
  void keepsEveryStepWhileThereIsRoom() {
    for (int step = 0; step < 100; step++) {
      curve.add(step, Map.of("loss", (double) step));
    }
    assertEquals(100, curve.columns().step().size());
  }

  @Test
  void keepsWhatIsMeasuredAtFewStepsHoweverMuchIsThinned() {
    for (int step = 0; step < 10_000; step++) {
      curve.add(step, step % 20 == 7 ? Map.of("loss", 1.0, "rankme", 12.0) : Map.of("loss", 1.0));
    }
    List<Double> rankme = curve.columns().series().get("rankme");
    assertTrue(rankme.stream().allMatch(value -> value == null || value == 12.0));
    assertTrue(rankme.stream().filter(value -> value != null).count() > 200);
  }

  @Test
  void leavesOutWhatIsNotFinite() {
    curve.add(0, Map.of("loss", Double.NaN));
    curve.add(1, Map.of("loss", 2.0));
    assertEquals(Arrays.asList(null, 2.0), curve.columns().series().get("loss"));
    assertNull(curve.columns().series().get("loss").get(0));
  }

  @Test
  void forgetsWhatIsTrainedAgainAfterARestart() {
    for (int step = 0; step < 10; step++) {
      curve.add(step, Map.of("loss", 1.0));
    }
    curve.add(6, Map.of("loss", 5.0));
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L), curve.columns().step());
    assertEquals(5.0, curve.columns().series().get("loss").get(6));
  }
}
