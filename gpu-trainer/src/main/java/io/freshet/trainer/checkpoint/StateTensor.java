package io.freshet.trainer.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A tensor in a checkpoint, on the Java heap.
 *
 * @param type element type
 * @param shape sizes, outermost first; empty for a scalar
 * @param data the elements, little-endian and row-major; from position to limit, not to be modified
 */
public record StateTensor(Type type, List<Long> shape, ByteBuffer data) {
  /** Element types, by their safetensors names. */
  public enum Type {
    F32(4),
    F64(8),
    I64(8),
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  public StateTensor {
    shape = List.copyOf(shape);
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    long expected = type.bytes;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("shape " + shape + " has a negative size");
      }
      expected = Math.multiplyExact(expected, size);
    }
    if (expected != data.remaining()) {
      throw new IllegalArgumentException(
          "%s %s takes %d bytes, got %d".formatted(type, shape, expected, data.remaining()));
    }
  }

  public static StateTensor of(float[] values, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new StateTensor(Type.F32, boxed(shape), data);
  }

  public static List<Long> boxed(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  /** The elements of an F32 tensor. */
  public float[] floats() {
    if (type != Type.F32) {
      throw new IllegalStateException("a tensor of " + type + " has no float32 elements");
    }
    ByteBuffer view = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[view.remaining() / Float.BYTES];
    view.asFloatBuffer().get(values);
    return values;
  }

  /** Whether no element is NaN or infinite. */
  public boolean isFinite() {
    ByteBuffer view = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    return switch (type) {
      case F32 -> {
        FloatBuffer values = view.asFloatBuffer();
        boolean finite = true;
        for (int i = 0; i < values.limit() && finite; i++) {
          finite = Float.isFinite(values.get(i));
        }
        yield finite;
      }
      case F64 -> {
        DoubleBuffer values = view.asDoubleBuffer();
        boolean finite = true;
        for (int i = 0; i < values.limit() && finite; i++) {
          finite = Double.isFinite(values.get(i));
        }
        yield finite;
      }
      case I64, BOOL -> true;
    };
  }

  /** Names of the tensors that hold a value that is NaN or infinite, in order. */
  public static List<String> notFinite(Map<String, StateTensor> tensors) {
    return tensors.entrySet().stream()
        .filter(entry -> !entry.getValue().isFinite())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  public long[] dims() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
