package io.freshet.dedup.similarity;

import io.freshet.dedup.hash.BitCode;

/**
 * 256 signs of random projections: a code whose Hamming distance tells the angle between two
 * vectors (Charikar 2002).
 *
 * <p>Two vectors at angle {@code a} differ in each bit with probability {@code a / pi},
 * independently, so {@link #largestDistance} bounds the distance of every pair above a cosine but
 * about three in a million. The projections are +-1 and depend on the dimension alone, so codes
 * compare across restarts and tasks. Thread-safe.
 */
public final class SignSketch {
  /** Changes whenever codes of before would not compare with codes of after. */
  public static final int VERSION = 1;

  /** Standard deviations of the distance that the bound leaves as room. */
  private static final double SLACK_SIGMAS = 4.5;

  private static final long SEED = 0x66726573686574L;

  private final int dim;

  /** Row-major dim x 256: the projections of one element lie together. */
  private final float[] signs;

  public SignSketch(int dim) {
    this.dim = dim;
    this.signs = new float[Math.multiplyExact(dim, BitCode.BITS)];
    long state = SEED ^ dim;
    for (int i = 0; i < signs.length; i += Long.SIZE) {
      state += 0x9e3779b97f4a7c15L;
      long bits = mix(state);
      for (int j = 0; j < Long.SIZE; j++) {
        signs[i + j] = (bits >>> j & 1) == 0 ? 1f : -1f;
      }
    }
  }

  /**
   * The 256 projections of a vector; their signs are its code, their sizes tell how close each bit
   * was to falling the other way.
   */
  public float[] project(float[] vector) {
    if (vector.length != dim) {
      throw new IllegalArgumentException(
          "a vector of %d elements in a space of %d".formatted(vector.length, dim));
    }
    float[] projections = new float[BitCode.BITS];
    for (int element = 0; element < dim; element++) {
      float value = vector[element];
      if (value != 0) {
        int row = element * BitCode.BITS;
        for (int bit = 0; bit < BitCode.BITS; bit++) {
          projections[bit] += value * signs[row + bit];
        }
      }
    }
    return projections;
  }

  /** The signs; bit i is set where projection i is not negative. */
  public static BitCode code(float[] projections) {
    long[] words = new long[BitCode.BITS / Long.SIZE];
    for (int bit = 0; bit < BitCode.BITS; bit++) {
      if (projections[bit] >= 0) {
        words[bit >> 6] |= 1L << (63 - (bit & 63));
      }
    }
    return new BitCode(words);
  }

  /** The distance in bits that a pair with at least this cosine practically never exceeds. */
  public static int largestDistance(double cosine) {
    double p = Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI;
    double sigma = Math.sqrt(BitCode.BITS * p * (1 - p));
    return Math.min(BitCode.BITS, (int) Math.ceil(BitCode.BITS * p + SLACK_SIGMAS * sigma));
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
    return b ^ b >>> 31;
  }
}
