package io.freshet.platform.testing;

import io.freshet.platform.broker.BrokerConfig;
import io.freshet.platform.broker.EmbeddedBroker;
import io.freshet.platform.config.Config;
import io.freshet.platform.flink.EmbeddedFlink;
import io.freshet.platform.flink.RunningJob;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One Kafka broker and one Flink cluster for a test class, in a temporary directory, with every
 * topic created. Starts in about five seconds on an idle machine.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final FreshetCluster CLUSTER = FreshetCluster.create().with("ingest.max_body", "1MiB");
 *
 * @Test
 * void readsWhatWasWritten() {
 *   CLUSTER.submit(new IngestJob());
 *   CLUSTER.produce(Topics.CRAWL_IMAGES, image);
 *   List<IngestedImage> images = CLUSTER.await(Topics.IMAGE_INGESTED, 1);
 * }
 * }</pre>
 *
 * <p>Topics live as long as the class: tests of one class that share topics see each other's
 * records, unless each takes its own {@link #with} settings, such as a {@code kafka.topic_prefix}.
 */
public final class FreshetCluster implements BeforeAllCallback, AfterAllCallback {
  /** Generous, because CI shares its cores. */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final long POLL_MILLIS = 100;

  private final Map<String, String> settings = new LinkedHashMap<>();
  private Path directory;
  private Config config;
  private EmbeddedBroker broker;
  private EmbeddedFlink flink;

  private FreshetCluster() {
    settings.put("kafka.partitions", "2");
    settings.put("kafka.compression", "none");
    settings.put("broker.port", "0");
    settings.put("flink.checkpoint_interval", "300ms");
    settings.put("flink.restart_first_pause", "50ms");
    settings.put("flink.restart_longest_pause", "1s");
    settings.put("flink.network_memory", "32MiB");
  }

  /** A cluster that starts before the first test. */
  public static FreshetCluster create() {
    return new FreshetCluster();
  }

  /** Sets a key of the configuration; before the first test. */
  public FreshetCluster with(String dottedKey, String value) {
    settings.put(dottedKey, value);
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    stop();
  }

  /** For use without JUnit's life cycle. */
  public void start() throws IOException {
    directory = Files.createTempDirectory("freshet-test");
    Config base = Config.defaults();
    base = base.with("broker.data_dir", directory.resolve("kafka").toString());
    base = base.with("flink.state_dir", directory.resolve("flink").toString());
    base = base.with("blobs.dir", directory.resolve("blobs").toString());
    base = base.with("registry.dir", directory.resolve("registry").toString());
    base = base.with("features.files.dir", directory.resolve("features").toString());
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      base = base.with(setting.getKey(), setting.getValue());
    }
    config = base;
    startBroker();
    TopicAdmin.ensureTopics(kafka());
    flink = EmbeddedFlink.start(config);
  }

  /** Stops Flink, then the broker, and deletes the directory. */
  public void stop() throws IOException {
    if (flink != null) {
      flink.closeAbruptly();
    }
    if (broker != null) {
      broker.close();
    }
    if (directory != null) {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  /** Temporary; deleted after the last test. */
  public Path directory() {
    return directory;
  }

  /** With the address of the running broker and directories of this cluster. */
  public Config config() {
    return config;
  }

  public KafkaConfig kafka() {
    return config.section("kafka", KafkaConfig.class);
  }

  public EmbeddedFlink flink() {
    return flink;
  }

  /** Submits a job and waits until it runs. */
  public RunningJob submit(StreamJob job) {
    RunningJob running = flink.submit(job);
    running.awaitRunning(PATIENCE);
    return running;
  }

  /** Stops all jobs cleanly and starts a cluster without jobs on the same state. */
  public void restartFlink() {
    flink.close();
    flink = EmbeddedFlink.start(config);
  }

  /** Ends the cluster in the middle of its work and starts one without jobs on the same state. */
  public void crashFlink() {
    flink.closeAbruptly();
    flink = EmbeddedFlink.start(config);
  }

  /** As {@link #crashFlink()}, with another setting from then on. */
  public void crashFlink(String dottedKey, String value) {
    flink.closeAbruptly();
    config = config.with(dottedKey, value);
    flink = EmbeddedFlink.start(config);
  }

  /** Stops the broker and starts it on the same port and data; jobs and clients reconnect. */
  public void restartBroker() {
    String port = kafka().bootstrapServers().replaceFirst(".*:", "");
    config = config.with("broker.port", port);
    broker.close();
    startBroker();
  }

  /** Writes records as a crawler would; returns when the broker has acknowledged all. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  public final <T extends SpecificRecordBase> void produce(Topic<T> topic, T... records) {
    produce(topic, Arrays.asList(records));
  }

  /** As {@link #produce(Topic, SpecificRecordBase[])}. */
  public <T extends SpecificRecordBase> void produce(Topic<T> topic, List<T> records) {
    try (KafkaProducer<String, T> producer = KafkaClients.producer(kafka(), topic)) {
      List<Future<?>> sent = new ArrayList<>();
      for (T value : records) {
        sent.add(producer.send(KafkaClients.message(kafka(), topic, value)));
      }
      producer.flush();
      sent.forEach(FreshetCluster::acknowledged);
    }
  }

  /** Writes bytes that need not be a record; null is a tombstone. */
  public void produceRaw(Topic<?> topic, String key, byte[] value) {
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(KafkaClients.producerProperties(kafka()), bytes, bytes)) {
      acknowledged(
          producer.send(
              new ProducerRecord<>(
                  kafka().nameOf(topic), key.getBytes(StandardCharsets.UTF_8), value)));
    }
  }

  /** What a read_committed reader sees in the topic now, from its beginning. */
  public <T extends SpecificRecordBase> List<T> records(Topic<T> topic) {
    return new TopicReader<>(kafka(), topic).readAll();
  }

  /** As {@link #records} once there are at least {@code count}; the test fails if not in time. */
  public <T extends SpecificRecordBase> List<T> await(Topic<T> topic, int count) {
    return await(topic, records -> records.size() >= count, PATIENCE);
  }

  /** As {@link #records} once they satisfy the condition; the test fails if not in time. */
  public <T extends SpecificRecordBase> List<T> await(
      Topic<T> topic, Predicate<List<T>> condition, Duration most) {
    long deadline = System.nanoTime() + most.toNanos();
    while (true) {
      List<T> records = records(topic);
      if (condition.test(records)) {
        return records;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "%s has %d records after %s, which is not what the test waits for; last failures: %s"
                .formatted(
                    kafka().nameOf(topic),
                    records.size(),
                    most,
                    flink.jobs().stream().map(job -> job.name() + " " + job.failure()).toList()));
      }
      pause();
    }
  }

  private void startBroker() {
    broker = EmbeddedBroker.start(config.section("broker", BrokerConfig.class));
    config = config.with("kafka.bootstrap_servers", broker.bootstrapServers());
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for records", e);
    }
  }

  private static void acknowledged(Future<?> sent) {
    try {
      sent.get();
    } catch (ExecutionException e) {
      throw new AssertionError("the broker refused a record", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while producing", e);
    }
  }
}
