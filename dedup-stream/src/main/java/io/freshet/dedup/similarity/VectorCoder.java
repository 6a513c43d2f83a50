package io.freshet.dedup.similarity;

import java.util.Arrays;

/**
 * Rotates vectors at random, so that whatever they look like their elements then spread evenly and
 * few bits an element tell cosines: {@link VectorCode} of what is stored, {@link QueryCode} of what
 * is asked. The method is RaBitQ's (Gao and Long 2024, arXiv 2405.12497, with several bits: arXiv
 * 2409.09913), with levels that are the same for all elements.
 *
 * <p>The rotation is three rounds of random signs and a Hadamard transform (Andoni and others 2015,
 * arXiv 1509.02897, section 6), {@code n log n} operations for a vector padded to n elements. The
 * first 512 are kept: all there is of vectors of up to 512 elements, a sample of longer ones. It
 * depends on the dimension alone, so codes compare across restarts and tasks. Thread-safe.
 */
public final class VectorCoder {
  /** Changes whenever codes of before don't compare with codes of after, or lie elsewhere. */
  public static final int VERSION = 5;

  /** Of a rotated vector. */
  static final int ELEMENTS = 512;

  /** Elements of one bit each. */
  static final int PLANE_LONGS = ELEMENTS / Long.SIZE;

  /** Standard deviations of an estimate that its bound leaves as room. */
  private static final double SLACK_SIGMAS = 3;

  private static final double COARSE_SLACK_SIGMAS = 4;

  private static final long SEED = 0x66726573686574L;
  private static final int ROUNDS = 3;

  private final int dim;

  /** Of each round, as many as a padded vector has elements: +-1. */
  private final float[][] signs;

  public VectorCoder(int dim) {
    this.dim = dim;
    this.signs = new float[ROUNDS][padded(dim)];
    long state = SEED ^ dim;
    for (float[] round : signs) {
      for (int i = 0; i < round.length; i += Long.SIZE) {
        state += 0x9e3779b97f4a7c15L;
        long bits = mix(state);
        for (int j = 0; j < Long.SIZE; j++) {
          round[i + j] = (bits >>> j & 1) == 0 ? 1f : -1f;
        }
      }
    }
  }

  private static int padded(int dim) {
    return Math.max(ELEMENTS, Integer.highestOneBit(2 * dim - 1));
  }

  /**
   * @param vector not all zero
   * @return 512 elements of it, rotated, at unit length
   */
  float[] rotated(float[] vector) {
    if (vector.length != dim) {
      throw new IllegalArgumentException(
          "a vector of %d elements in a space of %d".formatted(vector.length, dim));
    }
    float[] rotated = Arrays.copyOf(vector, signs[0].length);
    for (float[] round : signs) {
      for (int i = 0; i < rotated.length; i++) {
        rotated[i] *= round[i];
      }
      hadamard(rotated);
    }
    return unit(Arrays.copyOf(rotated, ELEMENTS));
  }

  /** In place and not scaled: lengths grow by the square root of the number of elements. */
  private static void hadamard(float[] x) {
    for (int half = 1; half < x.length; half *= 2) {
      for (int from = 0; from < x.length; from += 2 * half) {
        for (int i = from; i < from + half; i++) {
          float a = x[i];
          float b = x[i + half];
          x[i] = a + b;
          x[i + half] = a - b;
        }
      }
    }
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float element : vector) {
      squares += element * element;
    }
    float scale = (float) (1 / Math.sqrt(Math.max(Double.MIN_NORMAL, squares)));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
    return vector;
  }

  /**
   * The estimate that a pair of vectors with at least this cosine hardly ever falls short of: one
   * in a thousand does.
   *
   * @param dim elements of the vectors
   */
  static double leastEstimate(double cosine, int dim) {
    double across = 1 - cosine * cosine;
    double ofCodes = across * VectorCode.ERROR + QueryCode.ERROR;
    double ofSample = padded(dim) > ELEMENTS ? across * across : 0;
    return cosine - SLACK_SIGMAS * Math.sqrt((ofCodes + ofSample) / ELEMENTS);
  }

  /**
   * The coarse estimate that a pair of vectors with at least this cosine hardly ever falls short
   * of: one in thirty thousand does.
   *
   * @param dim elements of the vectors
   */
  static double leastCoarseEstimate(double cosine, int dim) {
    double across = 1 - cosine * cosine;
    double ofSample = padded(dim) > ELEMENTS ? across * across : 0;
    double variance = (VectorCode.SIGNS_ERROR + QueryCode.ERROR + ofSample) / ELEMENTS;
    return cosine - COARSE_SLACK_SIGMAS * Math.sqrt(variance);
  }

  /** What codes of vectors of this dimension can be compared with. */
  static String describe(int dim) {
    return "dim %d, code version %d".formatted(dim, VERSION);
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
    return b ^ b >>> 31;
  }
}
