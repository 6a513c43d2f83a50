package io.freshet.client;

import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.Topics;
import io.freshet.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Topics of one partition that every stream opened on them reads from the beginning. */
public final class FeatureTopics {
  private static final Instant AT = Instant.parse("2026-11-27T12:00:00Z");
  private static final TopicPartition FEATURES = new TopicPartition("image.feature", 0);
  private static final TopicPartition MODELS = new TopicPartition("model.published", 0);

  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
  private final List<MockConsumer<byte[], byte[]>> readers = new ArrayList<>();

  public FeatureStream open(String space) {
    MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
    Node[] none = {};
    for (TopicPartition partition : List.of(FEATURES, MODELS)) {
      kafka.updatePartitions(
          partition.topic(),
          List.of(new PartitionInfo(partition.topic(), 0, Node.noNode(), none, none)));
    }
    kafka.updateBeginningOffsets(Map.of(FEATURES, 0L, MODELS, 0L));
    FeatureStream stream = new FeatureStream(kafka, "", SpacePolicy.only(space));
    records.forEach(kafka::addRecord);
    readers.add(kafka);
    tellEnds();
    return stream;
  }

  public void write(String image, String space, float... vector) {
    ImageFeature feature = new ImageFeature(image, Vectors.of(space, vector), null, AT, AT);
    add(FEATURES, image + "|" + space, RecordCodec.of(ImageFeature.class).encode(feature));
  }

  public void announce(int version, List<String> aliases) {
    ModelPublished model =
        new ModelPublished(
            "freshet",
            version,
            new Sha256(new byte[32]),
            "registry:freshet@" + version,
            "vit",
            2,
            14,
            224,
            "run",
            1L,
            1L,
            List.of(),
            Map.of(),
            List.of(),
            aliases,
            AT);
    add(
        MODELS,
        Topics.MODEL_PUBLISHED.key().of(model),
        RecordCodec.of(ModelPublished.class).encode(model));
  }

  private void add(TopicPartition partition, String key, byte[] value) {
    ConsumerRecord<byte[], byte[]> added =
        new ConsumerRecord<>(
            partition.topic(), 0, end(partition), key.getBytes(StandardCharsets.UTF_8), value);
    records.add(added);
    readers.stream().filter(reader -> !reader.closed()).forEach(reader -> reader.addRecord(added));
    tellEnds();
  }

  private void tellEnds() {
    readers.forEach(
        reader -> reader.updateEndOffsets(Map.of(FEATURES, end(FEATURES), MODELS, end(MODELS))));
  }

  private long end(TopicPartition partition) {
    return records.stream().filter(record -> record.topic().equals(partition.topic())).count();
  }
}
