package io.freshet.trainer.watch;

/**
 * One sign of collapse: a measure beyond a limit. Its two limits differ, so that a measure between
 * them changes nothing.
 *
 * @param measure name in the ledger
 * @param low whether low values are bad; else high ones are
 * @param relative whether the limits are shares of the best value that the run has reached, so that
 *     they hold for models of every size
 * @param onceGood whether the measure is judged only after it was good once
 * @param raise beyond this the measure is bad
 * @param clear beyond this, on the other side, it is good
 * @param meaning for the alarm's text
 */
record Symptom(
    String measure,
    boolean low,
    boolean relative,
    boolean onceGood,
    double raise,
    double clear,
    String meaning) {

  Symptom {
    if (low ? clear < raise : clear > raise) {
      throw new IllegalArgumentException(
          "%s: clear %s must be on the good side of raise %s".formatted(measure, clear, raise));
    }
  }

  static Symptom below(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, true, false, false, raise, clear, meaning);
  }

  static Symptom belowOnceGood(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, true, false, true, raise, clear, meaning);
  }

  static Symptom belowShareOfBest(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, true, true, false, raise, clear, meaning);
  }

  static Symptom above(String measure, double raise, double clear, String meaning) {
    return new Symptom(measure, false, false, false, raise, clear, meaning);
  }

  double better(double one, double other) {
    return low ? Math.max(one, other) : Math.min(one, other);
  }

  boolean bad(double value, double best) {
    double limit = limit(raise, best);
    return (!onceGood || good(best, best)) && (low ? value < limit : value > limit);
  }

  boolean good(double value, double best) {
    double limit = limit(clear, best);
    return low ? value >= limit : value <= limit;
  }

  private double limit(double bound, double best) {
    return relative ? bound * best : bound;
  }

  String describe(double value, double best) {
    return "%s: %s is %.3g, %s %.3g; it was %.3g at best"
        .formatted(meaning, measure, value, low ? "below" : "above", limit(raise, best), best);
  }
}
