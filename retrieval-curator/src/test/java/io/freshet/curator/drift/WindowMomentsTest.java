package io.freshet.curator.drift;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.cluster.Points;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowMomentsTest {
  private static final int DIM = 48;

  @Test
  void isZeroBetweenAWindowAndItself() {
    WindowMoments window = window(1, 0, 0.3);
    assertEquals(0, window.meanShift(window));
    assertEquals(0, window.frechetDistance(window), 1e-6);
  }

  @Test
  void isSymmetric() {
    WindowMoments a = window(1, 0, 0.3);
    WindowMoments b = window(2, 5, 0.1);
    assertEquals(a.frechetDistance(b), b.frechetDistance(a), 1e-6);
  }

  @Test
  void growsWhenTheSubjectChangesOrTheSpread() {
    WindowMoments before = window(1, 0, 0.1);
    double same = before.frechetDistance(window(2, 0, 0.1));
    assertTrue(before.frechetDistance(window(3, 7, 0.1)) > 10 * same, "another subject");
    assertTrue(before.frechetDistance(window(4, 0, 0.3)) > 10 * same, "another spread");
    assertTrue(before.meanShift(window(3, 7, 0.1)) > 10 * before.meanShift(window(2, 0, 0.1)));
  }

  /** Equal covariances: all that is left is the distance of the means. */
  @Test
  void equalsTheClosedFormOfAShift() {
    List<float[]> points = points(1, 0, 0.3);
    List<float[]> shifted = new ArrayList<>();
    for (float[] point : points) {
      float[] moved = point.clone();
      moved[3] += 0.5f;
      shifted.add(moved);
    }
    WindowMoments a = WindowMoments.of(points);
    WindowMoments b = WindowMoments.of(shifted);
    double expected = 0;
    for (int p = 0; p < a.projectedMean().length; p++) {
      expected += Math.pow(a.projectedMean()[p] - b.projectedMean()[p], 2);
    }
    assertEquals(0.5, a.meanShift(b), 1e-6);
    assertEquals(expected, a.frechetDistance(b), 1e-5);
  }

  @Test
  void survivesAStore() {
    WindowMoments window = window(1, 0, 0.3);
    WindowMoments read = WindowMoments.fromArray(window.toArray());
    assertArrayEquals(window.mean(), read.mean());
    assertEquals(0, window.frechetDistance(read), 1e-6);
  }

  private static WindowMoments window(long seed, int axis, double deviation) {
    return WindowMoments.of(points(seed, axis, deviation));
  }

  private static List<float[]> points(long seed, int axis, double deviation) {
    Random random = new Random(seed);
    List<float[]> points = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      points.add(Points.near(random, axis, DIM, deviation));
    }
    return points;
  }
}
