package io.freshet.sink.tally;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Named values over the steps of a run, thinned so that it never holds more than {@value
 * #MAX_POINTS} points: when full, two neighbours become one point, their mean. A value that was not
 * measured at a step, or is not finite, has no part in a mean. When a step comes again, as after a
 * restart, or a run begins, what the curve had from there on is forgotten.
 *
 * <p>Owned by one thread.
 */
final class TrainingCurve {
  static final int MAX_POINTS = 500;

  private final List<Point> points = new ArrayList<>();
  private long stride = 1;

  /** Sums of the values of the steps {@code [first, first + stride)}. */
  private static final class Point {
    final long first;
    final Map<String, double[]> sums = new HashMap<>();

    Point(long first) {
      this.first = first;
    }

    void add(String name, double sum, double count) {
      double[] held = sums.computeIfAbsent(name, unused -> new double[2]);
      held[0] += sum;
      held[1] += count;
    }

    Double mean(String name) {
      double[] held = sums.get(name);
      return held == null ? null : held[0] / held[1];
    }
  }

  void add(long step, Map<String, Double> values) {
    points.removeIf(point -> point.first >= step && step % stride == 0);
    points.removeIf(point -> point.first > step);
    long first = step - step % stride;
    Point last = points.isEmpty() ? null : points.get(points.size() - 1);
    if (last == null || last.first != first) {
      last = new Point(first);
      points.add(last);
    }
    for (Map.Entry<String, Double> value : values.entrySet()) {
      if (Double.isFinite(value.getValue())) {
        last.add(value.getKey(), value.getValue(), 1);
      }
    }
    if (points.size() > MAX_POINTS) {
      thin();
    }
  }

  private void thin() {
    stride *= 2;
    Map<Long, Point> merged = new LinkedHashMap<>();
    for (Point point : points) {
      Point into = merged.computeIfAbsent(point.first - point.first % stride, Point::new);
      point.sums.forEach((name, sum) -> into.add(name, sum[0], sum[1]));
    }
    points.clear();
    points.addAll(merged.values());
  }

  void clear() {
    points.clear();
    stride = 1;
  }

  /** Columns of equal length; null where a point has no value. */
  CurveColumns columns() {
    TreeSet<String> names = new TreeSet<>();
    points.forEach(point -> names.addAll(point.sums.keySet()));
    Map<String, List<Double>> series = new LinkedHashMap<>();
    for (String name : names) {
      List<Double> column = new ArrayList<>();
      points.forEach(point -> column.add(point.mean(name)));
      series.put(name, column);
    }
    return new CurveColumns(points.stream().map(point -> point.first).toList(), series);
  }
}
