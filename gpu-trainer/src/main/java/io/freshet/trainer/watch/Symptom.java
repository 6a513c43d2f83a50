package io.freshet.trainer.watch;

/**
 * One sign of collapse: a measure beyond a limit. It appears when the measure was beyond {@code
 * raise} in {@value #READINGS} readings in a row and goes when it was on the good side of {@code
 * clear} in as many; between the two limits nothing changes.
 *
 * @param measure name in the ledger
 * @param low whether low values are bad; else high ones are
 * @param relative whether the limits are shares of the best value that the run has reached, so that
 *     they hold for models of every size
 * @param raise beyond this the measure is bad
 * @param clear beyond this, on the other side, it is good again
 * @param meaning for the alarm's text
 */
record Symptom(
    String measure, boolean low, boolean relative, double raise, double clear, String meaning) {
  static final int READINGS = 3;

  Symptom {
    if (low ? clear < raise : clear > raise) {
      throw new IllegalArgumentException(
          "%s: clear %s must be on the good side of raise %s".formatted(measure, clear, raise));
    }
  }

  static Symptom below(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, true, false, raise, clear, meaning);
  }

  static Symptom belowShareOfBest(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, true, true, raise, clear, meaning);
  }

  static Symptom above(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, false, false, raise, clear, meaning);
  }

  boolean bad(double value, double best) {
    double limit = relative ? raise * best : raise;
    return low ? value < limit : value > limit;
  }

  boolean good(double value, double best) {
    double limit = relative ? clear * best : clear;
    return low ? value >= limit : value <= limit;
  }

  String describe(double value, double best) {
    return "%s: %s is %.4g, %s %.4g%s"
        .formatted(
            meaning,
            measure,
            value,
            low ? "below" : "above",
            relative ? raise * best : raise,
            relative ? " (%.0f %% of its best)".formatted(100 * raise) : "");
  }
}
