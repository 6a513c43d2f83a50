package io.freshet.trainer.evaluate.probe;

/**
 * The part of a feature vector that a probe sees.
 *
 * @param name for people
 * @param from first number
 * @param length numbers, at least 1
 */
public record FeatureRange(String name, int from, int length) {
  public FeatureRange {
    if (from < 0 || length < 1) {
      throw new IllegalArgumentException(
          "a probe can't see %d numbers from %d on".formatted(length, from));
    }
  }
}
