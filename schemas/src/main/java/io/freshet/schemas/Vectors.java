package io.freshet.schemas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Conversions and comparisons of {@link Vector}; the guard against mixing two spaces is here. */
public final class Vectors {
  private Vectors() {}

  /** A copy of {@code elements} as a float32 vector of the space. */
  public static Vector of(String spaceId, float[] elements) {
    ByteBuffer data =
        ByteBuffer.allocate(elements.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(elements);
    return new Vector(spaceId, elements.length, VectorType.FLOAT32, data);
  }

  /** The elements, of length {@code dim}; float16 is widened. */
  public static float[] toFloats(Vector vector) {
    ByteBuffer data = vector.getData().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    float[] elements = new float[vector.getDim()];
    switch (vector.getDtype()) {
      case FLOAT32 -> data.asFloatBuffer().get(elements);
      case FLOAT16 -> {
        for (int i = 0; i < elements.length; i++) {
          elements[i] = HalfFloats.toFloat(data.getShort());
        }
      }
    }
    return elements;
  }

  /**
   * @throws IllegalArgumentException when the two live in different spaces: their cosine would be a
   *     number without meaning
   */
  public static void requireSameSpace(Vector a, Vector b) {
    if (!a.getSpaceId().equals(b.getSpaceId())) {
      throw new IllegalArgumentException(
          "vectors of two spaces can't be compared: %s and %s; embed both with one model"
              .formatted(a.getSpaceId(), b.getSpaceId()));
    }
  }

  /** Cosine similarity of two vectors of one space, in -1..1. */
  public static double cosine(Vector a, Vector b) {
    requireSameSpace(a, b);
    float[] x = toFloats(a);
    float[] y = toFloats(b);
    double dot = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      dot += (double) x[i] * y[i];
      xx += (double) x[i] * x[i];
      yy += (double) y[i] * y[i];
    }
    return dot / Math.max(Math.sqrt(xx * yy), 1e-12);
  }
}
