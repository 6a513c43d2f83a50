package io.freshet.deploy.node;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.Topic;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Writes records of one topic, idempotently and acknowledged by all replicas. Thread-safe; {@link
 * #close} waits until everything sent is durable.
 */
public final class TopicWriter<T extends SpecificRecordBase> implements AutoCloseable {
  private final KafkaConfig kafka;
  private final Topic<T> topic;
  private final KafkaProducer<String, T> producer;
  private volatile RuntimeException failure;

  public TopicWriter(KafkaConfig kafka, Topic<T> topic) {
    this.kafka = kafka;
    this.topic = topic;
    this.producer = KafkaClients.producer(kafka, topic);
  }

  /** Sends without waiting; {@link #close} tells whether it was written. */
  public void write(T value) {
    Future<RecordMetadata> unused = send(value);
  }

  /** Sends without waiting; the future is done when the record is durable. */
  public Future<RecordMetadata> send(T value) {
    return send(KafkaClients.message(kafka, topic, value));
  }

  /** Sends a tombstone without waiting; {@link #close} tells whether it was written. */
  public void erase(String key) {
    Future<RecordMetadata> unused = send(new ProducerRecord<>(kafka.nameOf(topic), key, null));
  }

  private Future<RecordMetadata> send(ProducerRecord<String, T> message) {
    return producer.send(
        message,
        (metadata, error) -> {
          if (error != null) {
            failure =
                new IllegalStateException(
                    "a record of %s was not written: %s"
                        .formatted(kafka.nameOf(topic), error.getMessage()),
                    error);
          }
        });
  }

  /**
   * @throws IllegalStateException when any record sent was not written
   */
  @Override
  public void close() {
    producer.flush();
    producer.close();
    if (failure != null) {
      throw failure;
    }
  }
}
