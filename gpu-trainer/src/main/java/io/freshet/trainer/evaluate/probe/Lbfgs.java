package io.freshet.trainer.evaluate.probe;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;

/**
 * Minimises a smooth convex function by limited-memory BFGS (Nocedal 1980) in float64, with a
 * bisection for a step that meets the weak Wolfe conditions. Immutable.
 */
final class Lbfgs {
  private static final int MEMORY = 10;
  private static final int MAX_TRIALS = 50;
  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final double CURVATURE = 0.9;

  private final int maxIterations;
  private final double gradientTolerance;
  private final double decreaseTolerance;

  /**
   * @param maxIterations at least 1
   * @param gradientTolerance it ends when no partial derivative is larger
   * @param decreaseTolerance it ends when a step decreases the value by a smaller share
   */
  Lbfgs(int maxIterations, double gradientTolerance, double decreaseTolerance) {
    if (maxIterations < 1) {
      throw new IllegalArgumentException(
          "maxIterations is " + maxIterations + "; it must be at least 1");
    }
    this.maxIterations = maxIterations;
    this.gradientTolerance = gradientTolerance;
    this.decreaseTolerance = decreaseTolerance;
  }

  /** A function that tells its derivatives. */
  @FunctionalInterface
  interface Objective {
    /**
     * The value at {@code point}.
     *
     * @param gradient is written
     */
    double value(double[] point, double[] gradient);
  }

  /**
   * Where it ended.
   *
   * @param converged whether a tolerance was met before the iterations ran out
   */
  record Minimum(double[] point, double value, int iterations, boolean converged) {}

  /** A step and by how much it changed the gradient; {@code curvature} is their product. */
  private record Pair(double[] step, double[] change, double curvature) {}

  /** Where the search stands. */
  private static final class Position {
    double[] point;
    double[] gradient;
    double value;
  }

  Minimum minimise(Objective objective, double[] start) {
    Position at = new Position();
    at.point = start.clone();
    at.gradient = new double[start.length];
    at.value = objective.value(at.point, at.gradient);
    Deque<Pair> memory = new ArrayDeque<>();
    for (int iteration = 0; iteration < maxIterations; iteration++) {
      if (largest(at.gradient) <= gradientTolerance) {
        return new Minimum(at.point, at.value, iteration, true);
      }
      double before = at.value;
      if (!advance(objective, at, direction(at.gradient, memory), memory)) {
        if (memory.isEmpty()) {
          return new Minimum(at.point, at.value, iteration, true);
        }
        memory.clear();
        continue;
      }
      if (before - at.value <= decreaseTolerance * Math.max(Math.abs(at.value), 1e-300)) {
        return new Minimum(at.point, at.value, iteration + 1, true);
      }
    }
    return new Minimum(at.point, at.value, maxIterations, false);
  }

  /**
   * Moves along {@code direction} and remembers the step.
   *
   * @return false when rounding leaves no smaller value in that direction
   */
  private static boolean advance(
      Objective objective, Position at, double[] direction, Deque<Pair> memory) {
    double slope = dot(at.gradient, direction);
    double[] point = new double[direction.length];
    double[] gradient = new double[direction.length];
    double shortest = 0;
    double longest = Double.POSITIVE_INFINITY;
    double length = memory.isEmpty() ? Math.min(1, 1 / Math.max(norm(direction), 1e-300)) : 1;
    for (int trial = 0; trial < MAX_TRIALS && slope < 0; trial++) {
      for (int i = 0; i < point.length; i++) {
        point[i] = at.point[i] + length * direction[i];
      }
      double value = objective.value(point, gradient);
      if (!(value <= at.value + SUFFICIENT_DECREASE * length * slope)) {
        longest = length;
      } else if (dot(gradient, direction) < CURVATURE * slope) {
        shortest = length;
      } else {
        remember(memory, difference(point, at.point), difference(gradient, at.gradient));
        at.point = point;
        at.gradient = gradient;
        at.value = value;
        return true;
      }
      length = longest < Double.POSITIVE_INFINITY ? (shortest + longest) / 2 : 2 * length;
    }
    return false;
  }

  private static void remember(Deque<Pair> memory, double[] step, double[] change) {
    double curvature = dot(step, change);
    if (curvature > 0) {
      memory.addLast(new Pair(step, change, curvature));
      if (memory.size() > MEMORY) {
        memory.removeFirst();
      }
    }
  }

  /** The two-loop recursion: minus the inverse Hessian's estimate times the gradient. */
  private static double[] direction(double[] gradient, Deque<Pair> memory) {
    double[] direction = gradient.clone();
    double[] weights = new double[memory.size()];
    int newest = memory.size();
    for (Iterator<Pair> pairs = memory.descendingIterator(); pairs.hasNext(); ) {
      Pair pair = pairs.next();
      weights[--newest] = dot(pair.step(), direction) / pair.curvature();
      add(direction, -weights[newest], pair.change());
    }
    if (!memory.isEmpty()) {
      Pair last = memory.getLast();
      scale(direction, last.curvature() / dot(last.change(), last.change()));
    }
    int oldest = 0;
    for (Pair pair : memory) {
      double correction = dot(pair.change(), direction) / pair.curvature();
      add(direction, weights[oldest++] - correction, pair.step());
    }
    scale(direction, -1);
    return direction;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static double norm(double[] values) {
    return Math.sqrt(dot(values, values));
  }

  private static double[] difference(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }

  private static void add(double[] target, double factor, double[] values) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * values[i];
    }
  }

  private static void scale(double[] target, double factor) {
    for (int i = 0; i < target.length; i++) {
      target[i] *= factor;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
