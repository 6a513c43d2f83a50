package io.freshet.trainer.schedule;

/** A number that depends on the training step alone. Immutable. */
public sealed interface Schedule {

  /** The value of step {@code step}, counted from 0. Defined for every step; never changes. */
  double at(long step);

  /** The same value for ever. */
  record Constant(double value) implements Schedule {
    @Override
    public double at(long step) {
      return value;
    }
  }

  /**
   * Linear from {@code start} to {@code end}, both reached: the first step has {@code start} and
   * the last of the {@code steps} steps has {@code end}; then {@code next}, from its own step 0.
   * Because both ends are included, a schedule that continues at {@code end} holds it for two
   * steps, and a learning rate that starts at 0 makes a first step that moves no parameter.
   */
  record Linear(double start, double end, long steps, Schedule next) implements Schedule {
    public Linear {
      requireCount("linear steps", steps);
    }

    @Override
    public double at(long step) {
      if (step >= steps) {
        return next.at(step - steps);
      }
      if (steps == 1) {
        return start;
      }
      // The last value is set, not computed: rounding must not move the end.
      return step == steps - 1 ? end : start + step * ((end - start) / (steps - 1));
    }
  }

  /**
   * Half a cosine from {@code start} towards {@code end}, which it has from step {@code steps} on.
   */
  record Cosine(double start, double end, long steps) implements Schedule {
    public Cosine {
      requireCount("cosine steps", steps);
    }

    @Override
    public double at(long step) {
      if (step >= steps) {
        return end;
      }
      return end + 0.5 * (start - end) * (1 + Math.cos(Math.PI * step / steps));
    }
  }

  /** {@code value} for {@code steps} steps, while {@code next} runs on unseen. */
  record Held(double value, long steps, Schedule next) implements Schedule {
    public Held {
      requireCount("held steps", steps);
    }

    @Override
    public double at(long step) {
      return step < steps ? value : next.at(step);
    }
  }

  /** {@code trunk} before step {@code from}, then {@code branch} from its own step 0. */
  record Branch(Schedule trunk, long from, Schedule branch) implements Schedule {
    public Branch {
      requireCount("steps before the branch", from);
    }

    @Override
    public double at(long step) {
      return step < from ? trunk.at(step) : branch.at(step - from);
    }
  }

  /** {@code schedule} as it is {@code by} steps on. */
  record Shifted(Schedule schedule, long by) implements Schedule {
    public Shifted {
      requireCount("shift", by);
    }

    @Override
    public double at(long step) {
      return schedule.at(step + by);
    }
  }

  private static void requireCount(String what, long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException(what + " must not be negative, was " + steps);
    }
  }

  /**
   * DINOv2's scheduler: {@code frozenSteps} of 0, a linear warm-up from {@code warmupStart}, and
   * half a cosine to {@code end} over what remains of {@code totalSteps}.
   */
  static Schedule cosine(
      double base,
      double end,
      long totalSteps,
      long warmupSteps,
      double warmupStart,
      long frozenSteps) {
    long cosineSteps = totalSteps - warmupSteps - frozenSteps;
    if (cosineSteps < 0) {
      throw new IllegalArgumentException(
          "warm-up of "
              + warmupSteps
              + " and freeze of "
              + frozenSteps
              + " steps do not fit into "
              + totalSteps
              + " steps");
    }
    Schedule warm = new Linear(warmupStart, base, warmupSteps, new Cosine(base, end, cosineSteps));
    return new Branch(new Constant(0), frozenSteps, warm);
  }
}
