package io.freshet.dedup.similarity;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A stored vector in two bits an element: at which of four levels, half a step and one and a half
 * steps to both sides of 0, each element of the rotated vector lies.
 *
 * @param planes the high bits of all 512 elements, eight longs, and the low bits; the first element
 *     is the highest bit of the first long. Not changed after construction
 * @param alignment the scalar product of the levels, in steps, with the rotated vector
 */
public record VectorCode(long[] planes, float alignment) {
  static final int LONGS = 2 * VectorCoder.PLANE_LONGS;
  static final int BYTES = Float.BYTES + LONGS * Long.BYTES;

  /**
   * The variance that an estimate has by these levels, times elements and by the square of the sine
   * of the angle: {@code (1 - r) / r}, where {@code 1 - r = 0.1188} is the distortion of the best
   * four even levels for a Gaussian (Max 1960, table II).
   */
  static final double ERROR = 0.1188 / (1 - 0.1188);

  /**
   * What {@link #ERROR} is for the high bits, the signs, alone: {@code pi / 2 - 1} times the square
   * of the sine, and as much times that of the cosine, as {@link #SIGNS_ALIGNMENT} stands for all
   * vectors.
   */
  static final double SIGNS_ERROR = Math.PI / 2 - 1;

  /** The scalar product of the signs with the rotated vector, on the average. */
  static final float SIGNS_ALIGNMENT = (float) Math.sqrt(VectorCoder.ELEMENTS * 2 / Math.PI);

  /** Between levels, for elements of variance 1 (the same table). */
  private static final double STEP = 0.9957;

  public VectorCode {
    Objects.requireNonNull(planes, "planes");
    if (planes.length != LONGS) {
      throw new IllegalArgumentException(
          "a code has %d longs, not %d".formatted(LONGS, planes.length));
    }
  }

  /**
   * @param rotated of unit length
   */
  static VectorCode of(float[] rotated) {
    double stepsOfOne = Math.sqrt(VectorCoder.ELEMENTS) / STEP;
    long[] planes = new long[LONGS];
    double alignment = 0;
    for (int i = 0; i < VectorCoder.ELEMENTS; i++) {
      int level = Math.max(0, Math.min(3, (int) Math.floor(rotated[i] * stepsOfOne) + 2));
      int word = i / Long.SIZE;
      int bit = Long.SIZE - 1 - i % Long.SIZE;
      planes[word] |= (long) (level >> 1) << bit;
      planes[VectorCoder.PLANE_LONGS + word] |= (long) (level & 1) << bit;
      alignment += rotated[i] * (level - 1.5);
    }
    return new VectorCode(planes, (float) alignment);
  }

  void write(ByteBuffer bytes) {
    bytes.putFloat(alignment);
    for (long word : planes) {
      bytes.putLong(word);
    }
  }
}
