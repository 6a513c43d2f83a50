package io.freshet.schemas;

import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.Serializer;

/** Kafka serializer of one record type; null (a tombstone) stays null. */
public final class RecordSerializer<T extends SpecificRecordBase> implements Serializer<T> {
  private final RecordCodec<T> codec;

  public RecordSerializer(Class<T> type) {
    this.codec = RecordCodec.of(type);
  }

  @Override
  public byte[] serialize(String topic, T message) {
    return message == null ? null : codec.encode(message);
  }
}
