package io.freshet.schemas;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;

/**
 * Walks the binary encoding of a record without building it: every length must fit in the bytes
 * that are there, and none may be left over. A decoder that runs afterwards allocates no more than
 * a small multiple of the message.
 */
final class WireBounds {
  private final ByteBuffer bytes;

  private WireBounds(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * @param bytes the body, without the header of the single-object encoding
   * @throws IllegalArgumentException when a length or an index is impossible
   * @throws BufferUnderflowException when the bytes end early
   */
  static void check(Schema writer, ByteBuffer bytes) {
    WireBounds walk = new WireBounds(bytes.duplicate());
    walk.value(writer);
    if (walk.bytes.hasRemaining()) {
      throw new IllegalArgumentException(walk.bytes.remaining() + " bytes are left over");
    }
  }

  private void value(Schema schema) {
    switch (schema.getType()) {
      case RECORD -> schema.getFields().forEach(field -> value(field.schema()));
      case UNION -> value(schema.getTypes().get(index(schema.getTypes().size())));
      case ENUM -> index(schema.getEnumSymbols().size());
      case ARRAY -> blocks(() -> value(schema.getElementType()));
      case MAP ->
          blocks(
              () -> {
                skip(number());
                value(schema.getValueType());
              });
      case STRING, BYTES -> skip(number());
      case FIXED -> skip(schema.getFixedSize());
      case INT, LONG -> number();
      case FLOAT -> skip(Float.BYTES);
      case DOUBLE -> skip(Double.BYTES);
      case BOOLEAN -> skip(1);
      case NULL -> {}
    }
  }

  /** Items of at least one byte each, so that a count can't exceed what remains. */
  private void blocks(Runnable item) {
    for (long count = number(); count != 0; count = number()) {
      if (count < 0) {
        number();
        count = -count;
      }
      if (count < 0 || count > bytes.remaining()) {
        throw new IllegalArgumentException(
            "%d items can't be in %d bytes".formatted(count, bytes.remaining()));
      }
      for (long i = 0; i < count; i++) {
        item.run();
      }
    }
  }

  private int index(int size) {
    long index = number();
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("choice %d of %d".formatted(index, size));
    }
    return (int) index;
  }

  private void skip(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw new IllegalArgumentException(
          "a length of %d, but %d bytes remain".formatted(length, bytes.remaining()));
    }
    bytes.position(bytes.position() + (int) length);
  }

  /** A zigzag varint of at most ten bytes. */
  private long number() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new IllegalArgumentException("a number of more than ten bytes");
  }
}
