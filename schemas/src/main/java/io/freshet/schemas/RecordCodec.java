package io.freshet.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Avro single-object encoding of one record type: {@code C3 01}, the CRC-64-AVRO fingerprint of the
 * writer's schema, the binary body. Reads what any schema in {@link SchemaHistory} wrote.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">Avro
 *     specification</a>
 */
public final class RecordCodec<T extends SpecificRecordBase> {
  static {
    TrustedRecords.register();
  }

  private static final int HEADER_BYTES = 10;

  private final Class<T> type;
  private final BinaryMessageEncoder<T> encoder;
  private final BinaryMessageDecoder<T> decoder;
  private final Map<Long, Schema> writers = new HashMap<>();

  private RecordCodec(Class<T> type) {
    this.type = type;
    Schema schema = SpecificData.get().getSchema(type);
    SpecificData model = SpecificData.getForClass(type);
    this.encoder = new BinaryMessageEncoder<>(model, schema);
    this.decoder = new BinaryMessageDecoder<>(model, schema);
    writers.put(SchemaNormalization.parsingFingerprint64(schema), schema);
    for (Schema earlier : SchemaHistory.of(type)) {
      decoder.addSchema(earlier);
      writers.put(SchemaNormalization.parsingFingerprint64(earlier), earlier);
    }
  }

  public static <T extends SpecificRecordBase> RecordCodec<T> of(Class<T> type) {
    return new RecordCodec<>(type);
  }

  public byte[] encode(T message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try {
      encoder.encode(message, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * @throws UnreadableRecordException when the bytes are truncated, of another type, of a schema
   *     that this build does not know, or promise more than they hold
   */
  public T decode(byte[] bytes) {
    try {
      checkBounds(bytes);
      return decoder.decode(bytes);
    } catch (IOException
        | AvroRuntimeException
        | IndexOutOfBoundsException
        | BufferUnderflowException
        | IllegalArgumentException
        | UnsupportedOperationException e) {
      throw new UnreadableRecordException(
          "%d bytes are no %s: %s".formatted(bytes.length, type.getSimpleName(), e.getMessage()),
          e);
    }
  }

  /** Avro allocates what a length says before it reads; a forged one would exhaust the heap. */
  private void checkBounds(byte[] bytes) {
    ByteBuffer body = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (body.remaining() < HEADER_BYTES || body.get() != (byte) 0xc3 || body.get() != 1) {
      throw new IllegalArgumentException("they don't start with the header C3 01");
    }
    long fingerprint = body.getLong();
    Schema writer = writers.get(fingerprint);
    if (writer == null) {
      throw new IllegalArgumentException("unknown schema %016x".formatted(fingerprint));
    }
    WireBounds.check(writer, body);
  }
}
