package io.freshet.platform.flink;

import io.freshet.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.types.Either;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A record as {@link TopicRecordSchema} writes it, or the tombstone of a key. */
final class TopicChangeSchema<T extends SpecificRecordBase>
    implements KafkaRecordSerializationSchema<Either<String, T>>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1L;

  private final String topic;
  private final TopicRecordSchema<T> records;

  TopicChangeSchema(String name, Topic<T> topic) {
    this.topic = name;
    this.records = new TopicRecordSchema<>(name, topic);
  }

  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return records.getKafkaDatasetFacet();
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      Either<String, T> change, KafkaSinkContext context, Long eventTimeMillis) {
    return change.isLeft()
        ? new ProducerRecord<>(topic, change.left().getBytes(StandardCharsets.UTF_8), null)
        : records.serialize(change.right(), context, eventTimeMillis);
  }
}
