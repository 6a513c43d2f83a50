package io.freshet.schemas;

import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.Deserializer;

/** Kafka deserializer of one record type; null (a tombstone) stays null. */
public final class RecordDeserializer<T extends SpecificRecordBase> implements Deserializer<T> {
  private final RecordCodec<T> codec;

  public RecordDeserializer(Class<T> type) {
    this.codec = RecordCodec.of(type);
  }

  /**
   * @throws UnreadableRecordException when the bytes are no such record
   */
  @Override
  public T deserialize(String topic, byte[] bytes) {
    return bytes == null ? null : codec.decode(bytes);
  }
}
