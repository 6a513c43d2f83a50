package io.freshet.sink.tally;

import java.util.ArrayList;
import java.util.List;

/**
 * The losses over the steps, thinned so that it never holds more than {@value #MAX_POINTS} points:
 * when full it drops every second one and from then on takes every second step only. Owned by one
 * thread.
 */
final class TrainingCurve {
  static final int MAX_POINTS = 500;

  private List<Point> points = new ArrayList<>();
  private long stride = 1;

  /** Loss terms as they were back-propagated, in nats. */
  record Point(long step, double total, double dino, double ibot) {}

  void add(Point point) {
    if (point.step() % stride != 0) {
      return;
    }
    points.add(point);
    if (points.size() > MAX_POINTS) {
      stride *= 2;
      points = new ArrayList<>(points.stream().filter(p -> p.step() % stride == 0).toList());
    }
  }

  List<Point> points() {
    return List.copyOf(points);
  }
}
