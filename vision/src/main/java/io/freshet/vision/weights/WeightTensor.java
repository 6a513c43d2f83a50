package io.freshet.vision.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A stored tensor: C order, little-endian, possibly a slice of a mapped file. Immutable.
 *
 * @param type element type
 * @param shape dimensions; empty = scalar
 * @param data exactly the elements' bytes; read-only
 */
public record WeightTensor(WeightType type, List<Long> shape, ByteBuffer data) {

  public WeightTensor {
    shape = List.copyOf(shape);
    data = data.asReadOnlyBuffer();
    long bytes = Math.multiplyExact(count(shape), type.bytes());
    if (bytes != data.remaining()) {
      throw new IllegalArgumentException(
          "shape "
              + shape
              + " of "
              + type
              + " has "
              + bytes
              + " bytes, given are "
              + data.remaining());
    }
  }

  /** A float32 tensor that copies {@code values}. */
  public static WeightTensor ofFloats(float[] values, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new WeightTensor(WeightType.F32, LongStream.of(shape).boxed().toList(), data);
  }

  /**
   * The number of elements of {@code shape}; {@link ArithmeticException} when it overflows or a
   * dimension is negative.
   */
  static long count(List<Long> shape) {
    long count = 1;
    for (long dim : shape) {
      if (dim < 0) {
        throw new ArithmeticException("negative dimension " + dim);
      }
      count = Math.multiplyExact(count, dim);
    }
    return count;
  }

  public long[] dims() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  public long size() {
    return count(shape);
  }

  /** A fresh little-endian view of the bytes. */
  public ByteBuffer bytes() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The values as floats: exact for F32, F16 and BF16; other types round. */
  public float[] toFloats() {
    ByteBuffer b = bytes();
    int start = b.position();
    float[] values = new float[Math.toIntExact(size())];
    if (type == WeightType.F32) {
      b.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = element(b, start + i * type.bytes());
    }
    return values;
  }

  private float element(ByteBuffer b, int at) {
    return switch (type) {
      case F64 -> (float) b.getDouble(at);
      case F32 -> b.getFloat(at);
      case F16 -> halfToFloat(b.getShort(at));
      case BF16 -> Float.intBitsToFloat(b.getShort(at) << 16);
      case I64 -> b.getLong(at);
      case I32 -> b.getInt(at);
      case I16 -> b.getShort(at);
      case I8 -> b.get(at);
      case U8 -> b.get(at) & 0xff;
      case BOOL -> b.get(at) != 0 ? 1 : 0;
    };
  }

  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int floatExponent = exponent == 31 ? 255 : exponent + 112;
    return Float.intBitsToFloat(sign | floatExponent << 23 | mantissa << 13);
  }
}
