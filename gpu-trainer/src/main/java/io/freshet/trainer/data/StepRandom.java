package io.freshet.trainer.data;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random streams that need no stored state: each is a function of the run's seed and of what it is
 * for, so a resumed run draws the same numbers as one that never stopped, and threads that prepare
 * batches ahead don't disturb each other.
 */
public final class StepRandom {
  /** What a stream is used for. The numbers are part of every run's seed: they never change. */
  public enum Purpose {
    COMPOSITION(1),
    ADMISSION(2),
    AUGMENTATION(3),
    MASKING(4),
    EVALUATION(5),
    DROP_PATH(6),
    BRANCH(7);

    private final long number;

    Purpose(long number) {
      this.number = number;
    }
  }

  private StepRandom() {}

  /** The stream of {@code (seed, purpose, a, b)}; equal arguments give equal streams. */
  public static RandomGenerator of(long seed, Purpose purpose, long a, long b) {
    return new SplittableRandom(seed(seed, purpose, a, b));
  }

  /** A well-mixed 64-bit number of {@code (seed, purpose, a, b)}. */
  public static long seed(long seed, Purpose purpose, long a, long b) {
    long hash = mix(seed ^ 0x9E3779B97F4A7C15L * purpose.number);
    hash = mix(hash + 0xD1B54A32D192ED03L * (a + 1));
    return mix(hash + 0xABC98388FB8FAC03L * (b + 1));
  }

  /** The finaliser of splitmix64. */
  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
