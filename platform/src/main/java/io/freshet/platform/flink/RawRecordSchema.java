package io.freshet.platform.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Passes bytes through, so that a record that can't be decoded doesn't fail the source. A tombstone
 * without a key erases nothing and ends here.
 */
final class RawRecordSchema implements KafkaRecordDeserializationSchema<RawRecord> {
  private static final long serialVersionUID = 1L;
  static final TypeInformation<RawRecord> TYPE = Types.POJO(RawRecord.class);

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> message, Collector<RawRecord> out) {
    if (message.value() != null) {
      out.collect(
          new RawRecord(message.topic(), message.partition(), message.offset(), message.value()));
    } else if (message.key() != null) {
      out.collect(
          RawRecord.erasing(
              message.topic(),
              message.partition(),
              message.offset(),
              new String(message.key(), StandardCharsets.UTF_8)));
    }
  }

  @Override
  public TypeInformation<RawRecord> getProducedType() {
    return TYPE;
  }
}
