package io.freshet.trainer.evaluate.measure;

/**
 * One number.
 *
 * @param key snake_case, as JSON names it
 * @param value finite; shares are 0..1
 * @param unit how people write it
 * @param meaning what was measured and with which settings
 */
public record Measure(String key, double value, Unit unit, String meaning) {
  /** How people write a number. */
  public enum Unit {
    /** 0..1, written in percent. */
    SHARE,
    /** As it is. */
    NUMBER
  }

  public Measure {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(key + " is " + value + ", which is no measurement");
    }
  }

  static Measure share(String key, double value, String meaning) {
    return new Measure(key, value, Unit.SHARE, meaning);
  }

  static Measure number(String key, double value, String meaning) {
    return new Measure(key, value, Unit.NUMBER, meaning);
  }
}
