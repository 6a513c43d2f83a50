package io.freshet.deploy.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics as an outsider would: a stock Kafka client at {@code read_committed} and stock Avro
 * with the published schema files. Shares no code with the stages that it audits.
 */
final class CommittedRecords {
  private static final int SINGLE_OBJECT_HEADER_BYTES = 10;

  private final String bootstrapServers;
  private final String topicPrefix;

  CommittedRecords(String bootstrapServers, String topicPrefix) {
    this.bootstrapServers = bootstrapServers;
    this.topicPrefix = topicPrefix;
  }

  /** Hands every committed record of the topic, up to its present end, to {@code sink}. */
  void forEach(String topic, String recordName, Consumer<Committed> sink) {
    Map<Long, GenericDatumReader<GenericRecord>> readers = readersByFingerprint(recordName);
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topicPrefix + topic).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      // At read_committed this is the last stable offset: an open transaction is not waited for.
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          boolean inRange =
              record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()));
          if (inRange && record.value() != null) {
            sink.accept(
                new Committed(
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    decode(readers, record.value())));
          }
        }
      }
    }
  }

  /** A record where it lies; the timestamp is the broker's, in milliseconds. */
  record Committed(int partition, long offset, long timestampMillis, GenericRecord value) {}

  private static GenericRecord decode(
      Map<Long, GenericDatumReader<GenericRecord>> readers, byte[] bytes) {
    long fingerprint = 0;
    for (int i = SINGLE_OBJECT_HEADER_BYTES - 1; i >= 2; i--) {
      fingerprint = (fingerprint << 8) | (bytes[i] & 0xff);
    }
    GenericDatumReader<GenericRecord> reader = readers.get(fingerprint);
    if (reader == null) {
      throw new IllegalStateException("no published schema has fingerprint " + fingerprint);
    }
    try {
      BinaryDecoder decoder =
          DecoderFactory.get()
              .binaryDecoder(
                  bytes,
                  SINGLE_OBJECT_HEADER_BYTES,
                  bytes.length - SINGLE_OBJECT_HEADER_BYTES,
                  null);
      return reader.read(null, decoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<Long, GenericDatumReader<GenericRecord>> readersByFingerprint(
      String recordName) {
    Map<Long, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
    for (Schema schema : PublishedSchemas.of(recordName)) {
      readers.put(
          SchemaNormalization.parsingFingerprint64(schema), new GenericDatumReader<>(schema));
    }
    return readers;
  }
}
