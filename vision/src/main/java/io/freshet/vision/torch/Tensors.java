package io.freshet.vision.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Creates tensors whose memory libtorch owns.
 *
 * <p>{@code NDManager.create} on a CPU wraps a Java buffer that the collector may free while
 * autograd still reads it: gradients then turn wrong without an error. Everything here copies into
 * native memory. The manager given owns the result.
 *
 * <p>Thread-safe. Each thread keeps the buffer that its values pass through, as large as its
 * largest tensor so far: direct buffers go with the garbage collector, which hears nothing of
 * native memory.
 */
public final class Tensors {

  private static final ThreadLocal<ByteBuffer> STAGING =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(0));

  private Tensors() {}

  public static NDArray of(NDManager owner, float[] values, long... shape) {
    ByteBuffer bytes = direct(values.length, Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return copy(owner, bytes, new Shape(shape), DataType.FLOAT32);
  }

  /**
   * One row a vector, B x D.
   *
   * @param vectors at least one, all of one length
   */
  public static NDArray rows(NDManager owner, List<float[]> vectors) {
    int dim = vectors.get(0).length;
    float[] elements = new float[Math.multiplyExact(vectors.size(), dim)];
    for (int row = 0; row < vectors.size(); row++) {
      System.arraycopy(vectors.get(row), 0, elements, row * dim, dim);
    }
    return of(owner, elements, vectors.size(), dim);
  }

  public static NDArray of(NDManager owner, double[] values, long... shape) {
    ByteBuffer bytes = direct(values.length, Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return copy(owner, bytes, new Shape(shape), DataType.FLOAT64);
  }

  public static NDArray of(NDManager owner, long[] values, long... shape) {
    ByteBuffer bytes = direct(values.length, Long.BYTES);
    bytes.asLongBuffer().put(values);
    return copy(owner, bytes, new Shape(shape), DataType.INT64);
  }

  public static NDArray of(NDManager owner, boolean[] values, long... shape) {
    ByteBuffer bytes = direct(values.length, 1);
    for (int i = 0; i < values.length; i++) {
      bytes.put(i, (byte) (values[i] ? 1 : 0));
    }
    return copy(owner, bytes, new Shape(shape), DataType.BOOLEAN);
  }

  /**
   * Copies the remaining bytes of {@code littleEndian}, which may be a read-only or mapped buffer.
   */
  public static NDArray of(NDManager owner, ByteBuffer littleEndian, DataType type, long... shape) {
    ByteBuffer bytes = direct(littleEndian.remaining(), 1);
    bytes.put(littleEndian.duplicate()).rewind();
    return copy(owner, bytes, new Shape(shape), type);
  }

  /** A float32 tensor filled with {@code value}. */
  public static NDArray full(NDManager owner, Shape shape, double value) {
    return owner.full(shape, (float) value, DataType.FLOAT32);
  }

  /** The tensor's values as little-endian bytes in row-major order, on the Java heap. */
  public static byte[] bytes(NDArray tensor) {
    ByteBuffer buffer = tensor.toByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** The thread's own buffer, cut to size; it holds the values until the next call. */
  private static ByteBuffer direct(int count, int size) {
    int bytes = Math.multiplyExact(count, size);
    ByteBuffer staging = STAGING.get();
    if (staging.capacity() < bytes) {
      staging = ByteBuffer.allocateDirect(bytes);
      STAGING.set(staging);
    }
    return staging.slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static NDArray copy(NDManager owner, ByteBuffer bytes, Shape shape, DataType type) {
    if (shape.size() * type.getNumOfBytes() != bytes.capacity()) {
      throw new IllegalArgumentException(
          bytes.capacity()
              + " bytes do not fill shape "
              + shape
              + " of "
              + type
              + "; give as many values as the shape holds");
    }
    if (shape.size() == 0) {
      return owner.create(shape, type);
    }
    try (NDArray borrowed = owner.create(bytes, shape, type)) {
      NDArray owned = borrowed.duplicate();
      owned.attach(owner);
      return owned;
    } finally {
      Reference.reachabilityFence(bytes);
    }
  }
}
