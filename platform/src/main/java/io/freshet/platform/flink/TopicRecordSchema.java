package io.freshet.platform.flink;

import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.RecordKey;
import io.freshet.schemas.Topic;
import io.freshet.schemas.TrustedRecords;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A record as the contract wants it on its topic. Without a timestamp: the broker stamps it,
 * because retention must not go by event time.
 */
final class TopicRecordSchema<T extends SpecificRecordBase>
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1L;

  static {
    TrustedRecords.register();
  }

  private final String topic;
  private final RecordKey<T> key;
  private final Class<T> type;
  private transient RecordCodec<T> codec;

  TopicRecordSchema(String name, Topic<T> topic) {
    this.topic = name;
    this.key = topic.key();
    this.type = topic.recordType();
  }

  /** The sink asks which topics to search for transactions that a crash left open. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T element, KafkaSinkContext context, Long eventTimeMillis) {
    if (codec == null) {
      codec = RecordCodec.of(type);
    }
    return new ProducerRecord<>(
        topic, key.of(element).getBytes(StandardCharsets.UTF_8), codec.encode(element));
  }
}
