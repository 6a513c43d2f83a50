package io.freshet.platform.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.schemas.RecordSerializer;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** What our clients and topics promise on any broker; run against the embedded and a stock one. */
abstract class KafkaBehaviour {
  abstract String bootstrapServers();

  private KafkaConfig kafka(String prefix) {
    return Config.defaults()
        .with("kafka.bootstrap_servers", bootstrapServers())
        .with("kafka.topic_prefix", prefix)
        .with("kafka.partitions", "2")
        .section("kafka", KafkaConfig.class);
  }

  private static Revocation revocation(String target, String reason) {
    return new Revocation(target, reason, Instant.EPOCH);
  }

  @Test
  void createsEveryTopicAsTheContractSays() throws Exception {
    KafkaConfig kafka = kafka("all.");
    TopicAdmin.ensureTopics(kafka);
    TopicAdmin.ensureTopics(kafka);
    try (Admin admin = KafkaClients.admin(kafka)) {
      for (Topic<?> topic : Topics.all()) {
        ConfigResource resource =
            new ConfigResource(ConfigResource.Type.TOPIC, "all." + topic.name());
        org.apache.kafka.clients.admin.Config actual =
            admin.describeConfigs(List.of(resource)).all().get().get(resource);
        assertEquals("LogAppendTime", actual.get("message.timestamp.type").value());
        assertEquals(
            topic.cleanup() == Topic.Cleanup.COMPACT ? "compact" : "delete",
            actual.get("cleanup.policy").value());
        assertEquals(
            topic.retention().map(keep -> String.valueOf(keep.toMillis())).orElse("-1"),
            actual.get("retention.ms").value());
      }
    }
  }

  @Test
  void refusesATopicWhoseProducersSetTheTime() throws Exception {
    KafkaConfig kafka = kafka("create-time.");
    try (Admin admin = KafkaClients.admin(kafka)) {
      NewTopic theirs =
          new NewTopic("create-time.image.revoked", 1, (short) 1)
              .configs(Map.of("message.timestamp.type", "CreateTime"));
      admin.createTopics(List.of(theirs)).all().get();
    }
    TopicException refused =
        assertThrows(TopicException.class, () -> TopicAdmin.ensureTopics(kafka));
    assertTrue(refused.getMessage().contains("create-time.image.revoked"), refused::toString);
    assertTrue(
        refused.getMessage().contains("--add-config message.timestamp.type=LogAppendTime"),
        refused::toString);
  }

  @Test
  void refusesToCompactATopicThatKeepsEveryRecord() throws Exception {
    KafkaConfig kafka = kafka("compacted.");
    try (Admin admin = KafkaClients.admin(kafka)) {
      NewTopic theirs =
          new NewTopic("compacted.image.unique", 1, (short) 1)
              .configs(
                  Map.of("message.timestamp.type", "LogAppendTime", "cleanup.policy", "compact"));
      admin.createTopics(List.of(theirs)).all().get();
    }
    TopicException refused =
        assertThrows(TopicException.class, () -> TopicAdmin.ensureTopics(kafka));
    assertTrue(refused.getMessage().contains("cleanup.policy=compact"), refused::toString);
  }

  @Test
  void readsBackWhatWasProducedStampedByTheBroker() throws Exception {
    KafkaConfig kafka = kafka("round.");
    TopicAdmin.ensureTopics(kafka, List.of(Topics.IMAGE_REVOKED));
    long before = System.currentTimeMillis();
    try (KafkaProducer<String, Revocation> producer =
        KafkaClients.producer(kafka, Topics.IMAGE_REVOKED)) {
      for (int i = 0; i < 100; i++) {
        producer
            .send(
                KafkaClients.message(
                    kafka, Topics.IMAGE_REVOKED, revocation("image-" + i, "opt-out")))
            .get();
      }
    }
    TopicReader<Revocation> reader = new TopicReader<>(kafka, Topics.IMAGE_REVOKED);
    assertEquals(100, reader.count());
    reader.forEach(
        message -> {
          assertEquals(message.value().getTarget(), message.key());
          assertEquals(TimestampType.LOG_APPEND_TIME, message.timestampType());
          assertTrue(message.timestamp() >= before - 1000, () -> "stamped " + message.timestamp());
        });
  }

  @Test
  void showsNothingOfATransactionBeforeItsCommit() throws Exception {
    KafkaConfig kafka = kafka("open.");
    TopicAdmin.ensureTopics(kafka, List.of(Topics.IMAGE_REVOKED));
    TopicReader<Revocation> reader = new TopicReader<>(kafka, Topics.IMAGE_REVOKED);
    Properties properties = KafkaClients.producerProperties(kafka);
    properties.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "open.test");
    try (KafkaProducer<String, Revocation> producer =
        new KafkaProducer<>(
            properties, new StringSerializer(), new RecordSerializer<>(Revocation.class))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer
          .send(KafkaClients.message(kafka, Topics.IMAGE_REVOKED, revocation("a", "first")))
          .get();
      producer.flush();
      assertEquals(List.of(), reader.readAll());
      producer.abortTransaction();
      producer.beginTransaction();
      producer
          .send(KafkaClients.message(kafka, Topics.IMAGE_REVOKED, revocation("a", "second")))
          .get();
      producer.commitTransaction();
    }
    assertEquals(List.of("second"), reader.stream().map(Revocation::getReason).toList());
  }

  @Test
  void readsTheNewestOfEachKeyAndForgetsWhatATombstoneEnded() throws Exception {
    KafkaConfig kafka = kafka("latest.");
    TopicAdmin.ensureTopics(kafka, List.of(Topics.IMAGE_REVOKED));
    try (KafkaProducer<String, Revocation> producer =
        KafkaClients.producer(kafka, Topics.IMAGE_REVOKED)) {
      for (String reason : List.of("old", "new")) {
        for (String target : List.of("a", "b")) {
          producer
              .send(KafkaClients.message(kafka, Topics.IMAGE_REVOKED, revocation(target, reason)))
              .get();
        }
      }
      producer.send(new ProducerRecord<>("latest.image.revoked", "b", null)).get();
    }
    Map<String, Revocation> latest = new TopicReader<>(kafka, Topics.IMAGE_REVOKED).latestByKey();
    assertEquals(Map.of("a", revocation("a", "new")), latest);
  }

  @Test
  void handsOverBytesThatAreNoRecord() throws Exception {
    KafkaConfig kafka = kafka("raw.");
    TopicAdmin.ensureTopics(kafka, List.of(Topics.IMAGE_REVOKED));
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(KafkaClients.producerProperties(kafka), bytes, bytes)) {
      producer
          .send(
              new ProducerRecord<>(
                  "raw.image.revoked", 0, null, "poison".getBytes(StandardCharsets.UTF_8)))
          .get();
    }
    try (var consumer = KafkaClients.rawConsumer(kafka, "raw.reader")) {
      TopicPartition partition = new TopicPartition("raw.image.revoked", 0);
      consumer.assign(List.of(partition));
      List<ConsumerRecord<byte[], byte[]>> polled =
          consumer.poll(kafka.operationTimeout()).records(partition);
      assertEquals("poison", new String(polled.get(0).value(), StandardCharsets.UTF_8));
    }
  }
}
