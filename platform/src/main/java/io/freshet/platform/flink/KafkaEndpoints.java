package io.freshet.platform.flink;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.Topic;
import java.time.Clock;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Sources and sinks of one job. */
final class KafkaEndpoints {
  private final String job;
  private final KafkaConfig kafka;
  private final FlinkConfig flink;
  private final RestoreGuard guard;
  private final Clock clock;

  KafkaEndpoints(
      String job, KafkaConfig kafka, FlinkConfig flink, RestoreGuard guard, Clock clock) {
    this.job = job;
    this.kafka = kafka;
    this.flink = flink;
    this.guard = guard;
    this.clock = clock;
  }

  /**
   * Where to resume is in the checkpoint; without one it begins at the beginning. The offsets that
   * the group commits are for lag monitors only.
   */
  SingleOutputStreamOperator<RawRecord> source(
      StreamExecutionEnvironment environment, Topic<?> topic) {
    return read(environment, topic, fromTheBeginning(topic).build()).uid("source/" + topic.name());
  }

  /** From the beginning to the last stable offset that each partition has when the job starts. */
  SingleOutputStreamOperator<RawRecord> boundedSource(
      StreamExecutionEnvironment environment, Topic<?> topic) {
    return read(
        environment,
        topic,
        fromTheBeginning(topic).setBounded(OffsetsInitializer.latest()).build());
  }

  private static SingleOutputStreamOperator<RawRecord> read(
      StreamExecutionEnvironment environment, Topic<?> topic, KafkaSource<RawRecord> source) {
    return environment.fromSource(source, WatermarkStrategy.noWatermarks(), "read " + topic.name());
  }

  private KafkaSourceBuilder<RawRecord> fromTheBeginning(Topic<?> topic) {
    Properties properties = KafkaClients.consumerProperties(kafka, kafka.topicPrefix() + job);
    // The source sets it from the starting offsets, and warns when it is there already.
    properties.remove(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
    properties.setProperty(KafkaSourceOptions.REGISTER_KAFKA_CONSUMER_METRICS.key(), "false");
    properties.setProperty(
        KafkaSourceOptions.CLIENT_ID_PREFIX.key(), kafka.topicPrefix() + job + "-" + topic.name());
    return KafkaSource.<RawRecord>builder()
        .setProperties(properties)
        .setTopics(kafka.nameOf(topic))
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setDeserializer(new RawRecordSchema());
  }

  <T extends SpecificRecordBase> Decode<T> decode(Topic<T> topic) {
    return new Decode<>(topic.recordType(), job, clock);
  }

  <T> RestoreGuardFunction<T> guard(String name) {
    return new RestoreGuardFunction<>(name, guard);
  }

  /**
   * Transactional ids are pooled, so their number stays bounded; their prefix must never change, or
   * a crashed run's open transaction blocks readers until it times out.
   */
  <T extends SpecificRecordBase> KafkaSink<T> sink(Topic<T> topic) {
    return sink(topic, new TopicRecordSchema<>(kafka.nameOf(topic), topic));
  }

  /** As {@link #sink(Topic)}, for records and tombstones. */
  <T extends SpecificRecordBase> KafkaSink<Either<String, T>> changes(Topic<T> topic) {
    return sink(topic, new TopicChangeSchema<>(kafka.nameOf(topic), topic));
  }

  private <E> KafkaSink<E> sink(Topic<?> topic, KafkaRecordSerializationSchema<E> schema) {
    Properties properties = KafkaClients.producerProperties(kafka);
    properties.setProperty(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        String.valueOf(flink.transactionTimeout().toMillis()));
    // Pooled producers would register their metrics anew at every checkpoint.
    properties.setProperty("register.producer.metrics", "false");
    return KafkaSink.<E>builder()
        .setKafkaProducerConfig(properties)
        .setBootstrapServers(kafka.bootstrapServers())
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
        .setTransactionalIdPrefix(kafka.topicPrefix() + job + "-" + topic.name())
        .setRecordSerializer(schema)
        .build();
  }
}
