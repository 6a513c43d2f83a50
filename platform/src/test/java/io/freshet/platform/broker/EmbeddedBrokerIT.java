package io.freshet.platform.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.DataSize;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @TempDir Path directory;

  private BrokerConfig config(int port) {
    return new BrokerConfig(
        directory.resolve("kafka"),
        port,
        DataSize.ofMebibytes(16),
        Duration.ofHours(1),
        Duration.ofMinutes(2),
        Duration.ofSeconds(30));
  }

  @Test
  void keepsRecordsAndIdentityOverARestart() throws Exception {
    String cluster;
    try (EmbeddedBroker broker = EmbeddedBroker.start(config(0));
        Admin admin = admin(broker)) {
      admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
      produce(broker, 0, 100);
      cluster = admin.describeCluster().clusterId().get();
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(config(0));
        Admin admin = admin(broker)) {
      assertEquals(cluster, admin.describeCluster().clusterId().get());
      produce(broker, 100, 150);
      assertEquals(IntStream.range(0, 150).mapToObj(i -> "v" + i).toList(), values(broker, 150));
    }
  }

  @Test
  void takesRecordsOfMaximumSize() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(config(0));
        Admin admin = admin(broker)) {
      admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
      String large = "x".repeat((15 << 20));
      try (KafkaProducer<String, String> producer = producer(broker)) {
        producer.send(new ProducerRecord<>("t", large)).get();
      }
      assertEquals(List.of(large), values(broker, 1));
    }
  }

  @Test
  void saysWhichPortIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      BrokerException refused =
          assertThrows(
              BrokerException.class, () -> EmbeddedBroker.start(config(other.getLocalPort())));
      assertTrue(refused.getMessage().contains("port " + other.getLocalPort()), refused::toString);
      assertTrue(refused.getMessage().contains("broker.port"), refused::toString);
    }
  }

  @Test
  void refusesADirectoryThatAnotherBrokerHolds() {
    EmbeddedBroker first = EmbeddedBroker.start(config(0));
    try {
      BrokerException refused =
          assertThrows(BrokerException.class, () -> EmbeddedBroker.start(config(0)));
      assertTrue(refused.getMessage().contains(directory.toString()), refused::toString);
    } finally {
      first.close();
    }
  }

  private static Admin admin(EmbeddedBroker broker) {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  private static KafkaProducer<String, String> producer(EmbeddedBroker broker) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("max.request.size", "16777216");
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  private static void produce(EmbeddedBroker broker, int from, int to) throws Exception {
    try (KafkaProducer<String, String> producer = producer(broker)) {
      for (int i = from; i < to; i++) {
        producer.send(new ProducerRecord<>("t", "v" + i)).get();
      }
    }
  }

  private static List<String> values(EmbeddedBroker broker, int count) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      List<String> values = new ArrayList<>();
      while (values.size() < count) {
        ConsumerRecords<String, String> polled = consumer.poll(Duration.ofSeconds(30));
        assertTrue(!polled.isEmpty(), () -> "only " + values.size() + " records");
        polled.forEach(message -> values.add(message.value()));
      }
      return values;
    }
  }
}
