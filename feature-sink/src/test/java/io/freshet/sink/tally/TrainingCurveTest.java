package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingCurveTest {
  @Test
  void staysBoundedAndEvenlySpacedFromTheFirstStepOn() {
    TrainingCurve curve = new TrainingCurve();
    for (int step = 0; step < 10_000; step++) {
      curve.add(new TrainingCurve.Point(step, 10.0 / (step + 1), 0, 0));
    }
    List<TrainingCurve.Point> points = curve.points();
    assertTrue(points.size() <= TrainingCurve.MAX_POINTS, "points: " + points.size());
    assertTrue(points.size() > TrainingCurve.MAX_POINTS / 2 - 1, "points: " + points.size());
    assertEquals(0, points.get(0).step());
    long stride = points.get(1).step();
    IntStream.range(0, points.size()).forEach(i -> assertEquals(i * stride, points.get(i).step()));
  }

  @Test
  void keepsEveryStepWhileThereIsRoom() {
    TrainingCurve curve = new TrainingCurve();
    for (int step = 0; step < 100; step++) {
      curve.add(new TrainingCurve.Point(step, step, 0, 0));
    }
    assertEquals(100, curve.points().size());
  }
}
