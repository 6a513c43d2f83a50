package io.freshet.dedup.similarity;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A vector that is compared with many {@link VectorCode}s: the elements of the rotated vector in
 * four bits, {@code least + step * number}.
 *
 * @param planes from the lowest bits of all 512 numbers to the highest, eight longs each, in the
 *     order of {@link VectorCode#planes()}. Not changed after construction
 */
public record QueryCode(long[] planes, float least, float step) {
  private static final int BITS = 4;
  private static final int LARGEST = (1 << BITS) - 1;
  private static final int LONGS = BITS * VectorCoder.PLANE_LONGS;

  /**
   * The variance that an estimate has by this rounding, times elements: a twelfth of the square of
   * a step, which is a fifteenth of some 6.5 standard deviations; by 1 less the codes' distortion.
   */
  static final double ERROR = 0.018;

  public QueryCode {
    Objects.requireNonNull(planes, "planes");
    if (planes.length != LONGS) {
      throw new IllegalArgumentException(
          "a query has %d longs, not %d".formatted(LONGS, planes.length));
    }
  }

  /**
   * @param rotated of unit length
   */
  static QueryCode of(float[] rotated) {
    float least = Float.POSITIVE_INFINITY;
    float largest = Float.NEGATIVE_INFINITY;
    for (float element : rotated) {
      least = Math.min(least, element);
      largest = Math.max(largest, element);
    }
    float step = Math.max(Float.MIN_NORMAL, (largest - least) / LARGEST);
    long[] planes = new long[LONGS];
    for (int i = 0; i < VectorCoder.ELEMENTS; i++) {
      int number = Math.min(LARGEST, Math.round((rotated[i] - least) / step));
      int bit = Long.SIZE - 1 - i % Long.SIZE;
      for (int plane = 0; plane < BITS; plane++) {
        planes[plane * VectorCoder.PLANE_LONGS + i / Long.SIZE] |=
            (long) ((number >> plane) & 1) << bit;
      }
    }
    return new QueryCode(planes, least, step);
  }

  /** The sum of the elements. */
  float sum() {
    int numbers = 0;
    for (int word = 0; word < LONGS; word++) {
      numbers += Long.bitCount(planes[word]) << (word / VectorCoder.PLANE_LONGS);
    }
    return VectorCoder.ELEMENTS * least + step * numbers;
  }

  /**
   * The cosine with a stored vector by its high bits alone, at less than half the cost of {@link
   * #estimate}.
   *
   * @param sum of the elements
   * @param codes where the vector's code lies, as {@link VectorCode#write} left it
   */
  float coarseEstimate(float sum, ByteBuffer codes, int at) {
    int ones = 0;
    int products = 0;
    for (int word = 0; word < VectorCoder.PLANE_LONGS; word++) {
      long high = codes.getLong(at + Float.BYTES + word * Long.BYTES);
      ones += Long.bitCount(high);
      products += product(high, word);
    }
    return (2 * (least * ones + step * products) - sum) / VectorCode.SIGNS_ALIGNMENT;
  }

  /**
   * The cosine with a stored vector, as well as the codes tell.
   *
   * @param sum of the elements
   * @param codes where the vector's code lies, as {@link VectorCode#write} left it
   */
  float estimate(float sum, ByteBuffer codes, int at) {
    int ones = 0;
    int products = 0;
    int highAt = at + Float.BYTES;
    int lowAt = highAt + VectorCoder.PLANE_LONGS * Long.BYTES;
    for (int word = 0; word < VectorCoder.PLANE_LONGS; word++) {
      long high = codes.getLong(highAt + word * Long.BYTES);
      long low = codes.getLong(lowAt + word * Long.BYTES);
      ones += 2 * Long.bitCount(high) + Long.bitCount(low);
      products += 2 * product(high, word) + product(low, word);
    }
    return (least * ones + step * products - 1.5f * sum) / codes.getFloat(at);
  }

  /** The sum of the numbers where 64 bits are set. */
  private int product(long bits, int word) {
    return Long.bitCount(bits & planes[word])
        + 2 * Long.bitCount(bits & planes[word + VectorCoder.PLANE_LONGS])
        + 4 * Long.bitCount(bits & planes[word + 2 * VectorCoder.PLANE_LONGS])
        + 8 * Long.bitCount(bits & planes[word + 3 * VectorCoder.PLANE_LONGS]);
  }
}
