package io.freshet.dedup.similarity;

import java.nio.ByteBuffer;

/** Unit vectors in one byte an element, of the largest: changes a cosine by some 0.0005. */
final class ByteVector {
  private ByteVector() {}

  static void write(float[] vector, ByteBuffer bytes) {
    float largest = Float.MIN_NORMAL;
    for (float element : vector) {
      largest = Math.max(largest, Math.abs(element));
    }
    for (float element : vector) {
      bytes.put((byte) Math.round(element / largest * Byte.MAX_VALUE));
    }
  }

  /** The elements from {@code at} on, at unit length. */
  static float[] read(byte[] bytes, int at) {
    float scale = scale(bytes, at);
    float[] vector = new float[bytes.length - at];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = bytes[at + i] * scale;
    }
    return vector;
  }

  /** What brings the elements from {@code at} on to unit length. */
  static float scale(byte[] bytes, int at) {
    double squares = 0;
    for (int i = at; i < bytes.length; i++) {
      squares += bytes[i] * bytes[i];
    }
    return (float) (1 / Math.sqrt(Math.max(1, squares)));
  }

  /** The scalar product of the bytes, as they are, with a vector of as many elements. */
  static float dot(byte[] bytes, float[] vector) {
    // Sums that don't wait for each other.
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i + 3 < bytes.length; i += 4) {
      a += bytes[i] * vector[i];
      b += bytes[i + 1] * vector[i + 1];
      c += bytes[i + 2] * vector[i + 2];
      d += bytes[i + 3] * vector[i + 3];
    }
    for (; i < bytes.length; i++) {
      a += bytes[i] * vector[i];
    }
    return a + b + c + d;
  }
}
