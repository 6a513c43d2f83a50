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
    double squares = 0;
    for (int i = at; i < bytes.length; i++) {
      squares += bytes[i] * bytes[i];
    }
    float scale = (float) (1 / Math.sqrt(Math.max(1, squares)));
    float[] vector = new float[bytes.length - at];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = bytes[at + i] * scale;
    }
    return vector;
  }
}
