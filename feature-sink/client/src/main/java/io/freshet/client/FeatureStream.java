package io.freshet.client;

import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import io.freshet.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code image.feature} and {@code model.published} from their beginning and goes on for
 * ever. Both topics are compacted, so that the beginning is a full picture of what is: whoever
 * applies the events in order holds, for each image, the newest feature that was not withdrawn.
 *
 * <p>Committed records only; no consumer group, no offsets kept: state that should outlive the
 * process belongs to whoever keeps it.
 *
 * <p>One owner thread. Closed by whoever opened it.
 */
public final class FeatureStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureStream.class);
  private static final int MAX_SPACES_COUNTED = 1_000;

  private final Consumer<byte[], byte[]> consumer;
  private final String features;
  private final SpacePolicy policy;
  private final RecordCodec<ImageFeature> featureCodec = RecordCodec.of(ImageFeature.class);
  private final RecordCodec<ModelPublished> modelCodec = RecordCodec.of(ModelPublished.class);
  private final Map<String, Long> passedOver = new TreeMap<>();
  private long unreadable;

  /**
   * @param consumer assigned to nothing yet; closed with the stream
   */
  FeatureStream(Consumer<byte[], byte[]> consumer, String topicPrefix, SpacePolicy policy) {
    this.consumer = consumer;
    this.features = Topics.IMAGE_FEATURE.nameWith(topicPrefix);
    this.policy = policy;
    List<TopicPartition> partitions =
        Stream.of(features, Topics.MODEL_PUBLISHED.nameWith(topicPrefix))
            .flatMap(topic -> partitions(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private List<PartitionInfo> partitions(String topic) {
    List<PartitionInfo> partitions = consumer.partitionsFor(topic);
    if (partitions == null || partitions.isEmpty()) {
      throw new IllegalArgumentException(
          "the broker has no topic %s; check its address and the prefix".formatted(topic));
    }
    return partitions;
  }

  /**
   * @param connection what a Kafka client needs to reach and to be let in, {@code
   *     bootstrap.servers} above all
   * @param topicPrefix what the deployment's topics begin with; may be empty
   * @throws IllegalArgumentException when the broker has no such topics
   */
  public static FeatureStream open(Properties connection, String topicPrefix, SpacePolicy policy) {
    Properties properties = new Properties();
    properties.putAll(connection);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      return new FeatureStream(consumer, topicPrefix, policy);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  /**
   * What came in meanwhile, in order within an image; waits at most this long for the first.
   *
   * @throws SpaceRefusedException as the policy says; nothing is lost, the next call begins with
   *     the same records
   */
  public List<FeatureEvent> poll(Duration most) {
    Map<TopicPartition, Long> before = new TreeMap<>(FeatureStream::order);
    consumer.assignment().forEach(p -> before.put(p, consumer.position(p)));
    List<FeatureEvent> events = new ArrayList<>();
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(most)) {
        event(record).ifPresent(events::add);
      }
    } catch (SpaceRefusedException e) {
      before.forEach(consumer::seek);
      throw e;
    }
    return events;
  }

  private static int order(TopicPartition a, TopicPartition b) {
    int topics = a.topic().compareTo(b.topic());
    return topics != 0 ? topics : Integer.compare(a.partition(), b.partition());
  }

  private Optional<FeatureEvent> event(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.topic().equals(features)) {
        return record.value() == null ? erased(record) : written(record.value());
      }
      return record.value() == null ? Optional.empty() : Optional.of(released(record.value()));
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      unreadable++;
      LOG.warn(
          "passed over {}-{} offset {}: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<FeatureEvent> erased(ConsumerRecord<byte[], byte[]> record) {
    String key = new String(record.key(), StandardCharsets.UTF_8);
    int bar = key.indexOf('|');
    if (bar < 0) {
      throw new IllegalArgumentException("the key '%.100s' is not image|space".formatted(key));
    }
    String space = key.substring(bar + 1);
    return policy.takes(space)
        ? Optional.of(new FeatureEvent.Erased(key.substring(0, bar), space))
        : Optional.empty();
  }

  private Optional<FeatureEvent> written(byte[] value) {
    ImageFeature feature = featureCodec.decode(value);
    String space = feature.getCls().getSpaceId();
    Optional<float[]> vector = policy.bring(space, Vectors.toFloats(feature.getCls()));
    if (vector.isEmpty()
        && (passedOver.size() < MAX_SPACES_COUNTED || passedOver.containsKey(space))) {
      passedOver.merge(space, 1L, Long::sum);
    }
    return vector.map(
        brought ->
            new FeatureEvent.Written(
                feature.getImageId(), space, brought, feature.getComputedAt()));
  }

  private FeatureEvent released(byte[] value) {
    ModelPublished model = modelCodec.decode(value);
    return new FeatureEvent.Released(
        model.getName() + "@" + model.getVersion(),
        HexFormat.of().formatHex(model.getManifestSha256().bytes()),
        List.copyOf(model.getAliases()));
  }

  /** Whether everything that was committed when asked has been handed out. */
  public boolean caughtUp() {
    return consumer.endOffsets(consumer.assignment()).entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** How many features of which other space were passed over. */
  public Map<String, Long> passedOver() {
    return Map.copyOf(passedOver);
  }

  /** How many records could not be read; each was logged with its place. */
  public long unreadable() {
    return unreadable;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
