package io.freshet.dedup.similarity;

/**
 * 512 signs of random projections: a code whose Hamming distance tells the angle between two
 * vectors (Charikar 2002).
 *
 * <p>Two vectors at angle {@code a} differ in each bit with probability {@code a / pi},
 * independently, so {@link #largestDistance} bounds the distance of every pair above a cosine but
 * about one in a thousand. At a cosine of 0.6 that is 182 bits, where vectors at 0.3 differ in 206
 * and unrelated ones in 256, give or take 11. The projections are +-1 and depend on the dimension
 * alone, so codes compare across restarts and tasks. Thread-safe.
 */
public final class SignSketch {
  /** Changes whenever codes of before would not compare with codes of after. */
  public static final int VERSION = 2;

  public static final int BITS = 512;
  public static final int BYTES = BITS / Byte.SIZE;
  public static final int LONGS = BITS / Long.SIZE;

  /** Standard deviations of the distance that the bound leaves as room. */
  private static final double SLACK_SIGMAS = 3;

  private static final long SEED = 0x66726573686574L;

  private final int dim;

  /** Row-major dim x 512: the projections of one element lie together. */
  private final float[] signs;

  public SignSketch(int dim) {
    this.dim = dim;
    this.signs = new float[Math.multiplyExact(dim, BITS)];
    long state = SEED ^ dim;
    for (int i = 0; i < signs.length; i += Long.SIZE) {
      state += 0x9e3779b97f4a7c15L;
      long bits = mix(state);
      for (int j = 0; j < Long.SIZE; j++) {
        signs[i + j] = (bits >>> j & 1) == 0 ? 1f : -1f;
      }
    }
  }

  /** The 512 projections of a vector; their signs are its code. */
  public float[] project(float[] vector) {
    if (vector.length != dim) {
      throw new IllegalArgumentException(
          "a vector of %d elements in a space of %d".formatted(vector.length, dim));
    }
    float[] projections = new float[BITS];
    for (int element = 0; element < dim; element++) {
      float value = vector[element];
      if (value != 0) {
        int row = element * BITS;
        for (int bit = 0; bit < BITS; bit++) {
          projections[bit] += value * signs[row + bit];
        }
      }
    }
    return projections;
  }

  /** The signs, 64 a long, the first in its highest bit; set where a projection is not negative. */
  public static long[] code(float[] projections) {
    long[] code = new long[LONGS];
    for (int bit = 0; bit < BITS; bit++) {
      if (projections[bit] >= 0) {
        code[bit >> 6] |= 1L << (63 - (bit & 63));
      }
    }
    return code;
  }

  /** Bits in which a code differs from the one that lies from {@code at} on. */
  public static int distance(long[] code, long[] others, int at) {
    return Long.bitCount(code[0] ^ others[at])
        + Long.bitCount(code[1] ^ others[at + 1])
        + Long.bitCount(code[2] ^ others[at + 2])
        + Long.bitCount(code[3] ^ others[at + 3])
        + Long.bitCount(code[4] ^ others[at + 4])
        + Long.bitCount(code[5] ^ others[at + 5])
        + Long.bitCount(code[6] ^ others[at + 6])
        + Long.bitCount(code[7] ^ others[at + 7]);
  }

  /** The distance in bits that a pair with at least this cosine hardly ever exceeds. */
  public static int largestDistance(double cosine) {
    double p = Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI;
    double sigma = Math.sqrt(BITS * p * (1 - p));
    return Math.min(BITS, (int) Math.ceil(BITS * p + SLACK_SIGMAS * sigma));
  }

  /** What codes of vectors of this dimension can be compared with. */
  static String describe(int dim) {
    return "dim %d, sketch version %d".formatted(dim, VERSION);
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
    return b ^ b >>> 31;
  }
}
