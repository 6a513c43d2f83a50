package io.freshet.dedup.similarity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A vector as it lies on disk: elements rounded to 16 bits of the largest, which changes a cosine
 * by less than 10^-5, and the image it belongs to.
 *
 * @param bytes ingested_at in microseconds (8), size of a step (4), elements (2 each), image id;
 *     little-endian
 */
record StoredVector(byte[] bytes) {
  private static final int STEP_AT = Long.BYTES;
  private static final int ELEMENTS_AT = STEP_AT + Float.BYTES;

  static StoredVector of(String imageId, long ingestedMicros, float[] vector) {
    float largest = Float.MIN_NORMAL;
    for (float element : vector) {
      largest = Math.max(largest, Math.abs(element));
    }
    float step = largest / Short.MAX_VALUE;
    byte[] id = imageId.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(ELEMENTS_AT + vector.length * Short.BYTES + id.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(ingestedMicros)
            .putFloat(step);
    for (float element : vector) {
      bytes.putShort((short) Math.round(element / step));
    }
    return new StoredVector(bytes.put(id).array());
  }

  long ingestedMicros() {
    return buffer().getLong(0);
  }

  String imageId(int dim) {
    int from = ELEMENTS_AT + dim * Short.BYTES;
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }

  /** The scalar product with a vector of the same dimension. */
  double dot(float[] vector) {
    ShortBuffer elements =
        buffer().position(ELEMENTS_AT).slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    double even = 0;
    double odd = 0;
    int i = 0;
    for (; i + 1 < vector.length; i += 2) {
      even += vector[i] * elements.get(i);
      odd += vector[i + 1] * elements.get(i + 1);
    }
    if (i < vector.length) {
      even += vector[i] * elements.get(i);
    }
    return (even + odd) * buffer().getFloat(STEP_AT);
  }

  /** The elements, as they are rounded. */
  float[] elements(int dim) {
    ByteBuffer buffer = buffer();
    float step = buffer.getFloat(STEP_AT);
    float[] elements = new float[dim];
    for (int i = 0; i < dim; i++) {
      elements[i] = buffer.getShort(ELEMENTS_AT + i * Short.BYTES) * step;
    }
    return elements;
  }

  private ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
