package io.freshet.schemas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/** Conversions of {@link PatchFeature}. */
public final class PatchFeatures {
  private PatchFeatures() {}

  /**
   * A record in half precision.
   *
   * @param elements {@code (rows, columns, dim)}; copied
   * @throws IllegalArgumentException when there are not as many
   */
  public static PatchFeature of(
      String imageId,
      String spaceId,
      int rows,
      int columns,
      float[] elements,
      Instant decidedAt,
      Instant computedAt) {
    int patches = Math.multiplyExact(rows, columns);
    if (patches < 1 || elements.length == 0 || elements.length % patches != 0) {
      throw new IllegalArgumentException(
          "%,d elements are none of %d x %d patches".formatted(elements.length, rows, columns));
    }
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(elements.length, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float element : elements) {
      data.putShort(HalfFloats.of(element));
    }
    return new PatchFeature(
        imageId,
        spaceId,
        rows,
        columns,
        elements.length / patches,
        VectorType.FLOAT16,
        data.flip(),
        decidedAt,
        computedAt);
  }

  /**
   * The elements, {@code (rows, columns, dim)}.
   *
   * @throws IllegalArgumentException when the record's sizes don't agree
   */
  public static float[] toFloats(PatchFeature feature) {
    ByteBuffer data = feature.getData().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int width =
        switch (feature.getDtype()) {
          case FLOAT32 -> Float.BYTES;
          case FLOAT16 -> Short.BYTES;
        };
    long elements = (long) feature.getRows() * feature.getColumns();
    if (feature.getRows() < 1
        || feature.getColumns() < 1
        || feature.getDim() < 1
        || elements > data.remaining()
        || elements * feature.getDim() * width != data.remaining()) {
      throw new IllegalArgumentException(
          "%d x %d patches of %d elements of %s are not %,d bytes"
              .formatted(
                  feature.getRows(),
                  feature.getColumns(),
                  feature.getDim(),
                  feature.getDtype(),
                  data.remaining()));
    }
    float[] floats = new float[data.remaining() / width];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = width == Float.BYTES ? data.getFloat() : HalfFloats.toFloat(data.getShort());
    }
    return floats;
  }
}
