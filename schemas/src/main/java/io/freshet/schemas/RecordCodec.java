package io.freshet.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
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

  private final Class<T> type;
  private final BinaryMessageEncoder<T> encoder;
  private final BinaryMessageDecoder<T> decoder;

  private RecordCodec(Class<T> type) {
    this.type = type;
    Schema schema = SpecificData.get().getSchema(type);
    SpecificData model = SpecificData.getForClass(type);
    this.encoder = new BinaryMessageEncoder<>(model, schema);
    this.decoder = new BinaryMessageDecoder<>(model, schema);
    SchemaHistory.of(type).forEach(decoder::addSchema);
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
   * @throws UnreadableRecordException when the bytes are truncated, of another type, or of a schema
   *     that this build does not know
   */
  public T decode(byte[] bytes) {
    try {
      return decoder.decode(bytes);
    } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
      throw new UnreadableRecordException(
          "%d bytes are no %s: %s".formatted(bytes.length, type.getSimpleName(), e.getMessage()),
          e);
    }
  }
}
