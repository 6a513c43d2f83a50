package io.freshet.trainer.step;

import java.util.random.RandomGenerator;

/**
 * Random numbers whose whole state can be saved and restored: xoshiro256** of Blackman and Vigna,
 * seeded through SplitMix64. Equal states give equal sequences on every machine.
 *
 * <p>Not thread-safe: one owner at a time. Work that is spread over threads takes one {@link #fork}
 * for each item, drawn in a fixed order, so that the result does not depend on who runs what.
 */
public final class TrainingRandom implements RandomGenerator {

  /** The 256 bits that determine every following number. Not all may be zero. */
  public record State(long a, long b, long c, long d) {
    public State {
      if ((a | b | c | d) == 0) {
        throw new IllegalArgumentException("a random state of 256 zero bits never leaves zero");
      }
    }
  }

  private long a;
  private long b;
  private long c;
  private long d;

  public TrainingRandom(State state) {
    a = state.a();
    b = state.b();
    c = state.c();
    d = state.d();
  }

  public static TrainingRandom seeded(long seed) {
    return new TrainingRandom(
        new State(splitMix(seed, 1), splitMix(seed, 2), splitMix(seed, 3), splitMix(seed, 4)));
  }

  /**
   * Stream {@code stream} of the run that {@code seed} started. What step s needs is drawn from
   * stream s alone, so that batches made ahead of their step are the same after a restart.
   */
  public static TrainingRandom of(long seed, long stream) {
    return seeded(splitMix(splitMix(seed, 1) ^ stream, 1));
  }

  public State state() {
    return new State(a, b, c, d);
  }

  /** An independent generator; advances this one by one number. */
  public TrainingRandom fork() {
    return seeded(nextLong());
  }

  @Override
  public long nextLong() {
    long result = Long.rotateLeft(b * 5, 7) * 9;
    long shifted = b << 17;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = Long.rotateLeft(d, 45);
    return result;
  }

  private static long splitMix(long seed, int index) {
    long z = seed + index * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
