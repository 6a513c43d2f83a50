package io.freshet.platform.kafka;

import io.freshet.schemas.RecordDeserializer;
import io.freshet.schemas.RecordSerializer;
import io.freshet.schemas.Topic;
import java.util.Properties;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Clients of our topics outside Flink. The caller closes them. */
public final class KafkaClients {
  private KafkaClients() {}

  /** A producer whose retries leave no duplicates (idempotent, acks=all). Thread-safe. */
  public static <T extends SpecificRecordBase> KafkaProducer<String, T> producer(
      KafkaConfig kafka, Topic<T> topic) {
    Properties properties = producerProperties(kafka);
    // A broker that doesn't know a producer takes its second request if the first met a partition
    // that was still starting, and then refuses the first for ever as out of order.
    properties.setProperty(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    return new KafkaProducer<>(
        properties, new StringSerializer(), new RecordSerializer<>(topic.recordType()));
  }

  /** The record as it goes on the wire: keyed as the contract says, stamped by the broker. */
  public static <T extends SpecificRecordBase> ProducerRecord<String, T> message(
      KafkaConfig kafka, Topic<T> topic, T value) {
    return new ProducerRecord<>(kafka.nameOf(topic), topic.key().of(value), value);
  }

  /**
   * A consumer that sees committed records only, commits no offsets by itself and starts a new
   * group at the beginning. One owner thread. A record that is none of the topic's type throws
   * {@code RecordDeserializationException} from {@code poll}.
   */
  public static <T extends SpecificRecordBase> KafkaConsumer<String, T> consumer(
      KafkaConfig kafka, Topic<T> topic, String groupId) {
    return new KafkaConsumer<>(
        consumerProperties(kafka, groupId),
        new StringDeserializer(),
        new RecordDeserializer<>(topic.recordType()));
  }

  /** As {@link #consumer(KafkaConfig, Topic, String)} without decoding: bytes as they are. */
  public static KafkaConsumer<byte[], byte[]> rawConsumer(KafkaConfig kafka, String groupId) {
    Deserializer<byte[]> bytes = new ByteArrayDeserializer();
    return new KafkaConsumer<>(consumerProperties(kafka, groupId), bytes, bytes);
  }

  /** A group id that nobody else uses, for readers that keep no offsets. */
  public static String anonymousGroup(KafkaConfig kafka) {
    return kafka.topicPrefix() + "reader-" + UUID.randomUUID();
  }

  public static Admin admin(KafkaConfig kafka) {
    Properties properties = kafka.connection();
    properties.setProperty(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        String.valueOf(kafka.operationTimeout().toMillis()));
    return Admin.create(properties);
  }

  /** Settings of every producer of ours, a Flink sink's included. */
  public static Properties producerProperties(KafkaConfig kafka) {
    Properties properties = kafka.connection();
    properties.setProperty(ProducerConfig.ACKS_CONFIG, "all");
    properties.setProperty(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, kafka.compression());
    String maxBytes = String.valueOf(kafka.maxRecord().bytes());
    properties.setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxBytes);
    properties.setProperty(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        String.valueOf(Math.max(32L << 20, 2 * kafka.maxRecord().bytes())));
    return properties;
  }

  /** Settings of every consumer of ours, a Flink source's included. */
  public static Properties consumerProperties(KafkaConfig kafka, String groupId) {
    Properties properties = kafka.connection();
    properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, groupId);
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.setProperty(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, String.valueOf(maxFetchBytes(kafka)));
    return properties;
  }

  private static long maxFetchBytes(KafkaConfig kafka) {
    return Math.min(kafka.maxRecord().bytes(), 4L << 20);
  }
}
