package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.FeatureEvent.Erased;
import io.freshet.client.FeatureEvent.Released;
import io.freshet.client.FeatureEvent.Written;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.Topics;
import io.freshet.schemas.Vectors;
import io.freshet.vision.adapter.SpaceAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Spaces are kept apart, whatever the topic holds. */
class FeatureStreamTest {
  private static final String OLD = "freshet@1/cls/l2";
  private static final String NEW = "freshet@2/cls/l2";
  private static final Instant AT = Instant.parse("2026-11-27T12:00:00Z");
  private static final TopicPartition FEATURES = new TopicPartition("t.image.feature", 0);
  private static final TopicPartition MODELS = new TopicPartition("t.model.published", 0);

  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
  private long offset;

  private FeatureStream open(SpacePolicy policy) {
    for (TopicPartition partition : List.of(FEATURES, MODELS)) {
      Node[] none = {};
      kafka.updatePartitions(
          partition.topic(),
          List.of(new PartitionInfo(partition.topic(), 0, Node.noNode(), none, none)));
    }
    kafka.updateBeginningOffsets(Map.of(FEATURES, 0L, MODELS, 0L));
    kafka.updateEndOffsets(Map.of(FEATURES, 0L, MODELS, 0L));
    return new FeatureStream(kafka, "t.", policy);
  }

  private void write(String image, String space, float... vector) {
    ImageFeature feature = new ImageFeature(image, Vectors.of(space, vector), null, AT, AT);
    add(image + "|" + space, RecordCodec.of(ImageFeature.class).encode(feature));
  }

  private void add(String key, byte[] value) {
    kafka.addRecord(
        new ConsumerRecord<>(
            FEATURES.topic(), 0, offset++, key.getBytes(StandardCharsets.UTF_8), value));
  }

  @Test
  void handsOutThePinnedSpaceOnlyAndCountsTheOthers() {
    try (FeatureStream stream = open(SpacePolicy.only(NEW))) {
      write("a", OLD, 1, 0);
      write("a", NEW, 0, 1);
      add("a|" + OLD, null);
      add("a|" + NEW, null);
      List<FeatureEvent> events = stream.poll(Duration.ZERO);
      Written written = (Written) events.get(0);
      assertArrayEquals(new float[] {0, 1}, written.vector());
      assertEquals(List.of(written, new Erased("a", NEW)), events);
      assertEquals(Map.of(OLD, 1L), stream.passedOver());
    }
  }

  @Test
  void refusesAnotherSpaceAndLosesNothing() {
    try (FeatureStream stream = open(SpacePolicy.refusing(NEW))) {
      write("a", NEW, 0, 1);
      write("b", OLD, 1, 0);
      String message =
          assertThrows(SpaceRefusedException.class, () -> stream.poll(Duration.ZERO)).getMessage();
      assertTrue(message.contains(OLD) && message.contains(NEW), message);
      assertEquals(0, kafka.position(FEATURES));
    }
  }

  @Test
  void bringsOverWhatAnAdapterKnows() {
    SpaceAdapter swap =
        new SpaceAdapter(
            OLD,
            NEW,
            SpaceAdapter.Kind.ORTHOGONAL,
            new float[] {0, 1, 1, 0},
            new float[0],
            new float[0],
            2,
            2,
            0.9);
    try (FeatureStream stream = open(SpacePolicy.adapting(NEW, List.of(swap)))) {
      write("a", OLD, 1, 0);
      write("b", "other@1/cls/l2", 1, 0);
      List<FeatureEvent> events = stream.poll(Duration.ZERO);
      assertEquals(1, events.size());
      assertArrayEquals(new float[] {0, 1}, ((Written) events.get(0)).vector());
      assertEquals(OLD, ((Written) events.get(0)).madeIn());
    }
    assertThrows(IllegalArgumentException.class, () -> SpacePolicy.adapting(OLD, List.of(swap)));
  }

  @Test
  void tellsOfReleases() {
    try (FeatureStream stream = open(SpacePolicy.only(NEW))) {
      ModelPublished model =
          new ModelPublished(
              "freshet",
              2,
              new Sha256(new byte[32]),
              "registry:freshet@2",
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
              List.of("champion"),
              AT);
      kafka.addRecord(
          new ConsumerRecord<>(
              MODELS.topic(),
              0,
              0,
              Topics.MODEL_PUBLISHED.key().of(model).getBytes(StandardCharsets.UTF_8),
              RecordCodec.of(ModelPublished.class).encode(model)));
      assertEquals(
          List.of(new Released("freshet@2", "0".repeat(64), List.of("champion"))),
          stream.poll(Duration.ZERO));
    }
  }

  @Test
  void passesOverWhatCannotBeReadAndSaysHowMany() {
    try (FeatureStream stream = open(SpacePolicy.refusing(NEW))) {
      add("a|" + NEW, new byte[] {1, 2, 3});
      add("no bar", null);
      write("b", NEW, 1, 0);
      assertEquals(1, stream.poll(Duration.ZERO).size());
      assertEquals(2, stream.unreadable());
    }
  }

  @Test
  void needsNeitherFlinkNorDjl() {
    for (String name :
        List.of("org.apache.flink.types.Either", "ai.djl.ndarray.NDArray", "io.javalin.Javalin")) {
      assertThrows(ClassNotFoundException.class, () -> Class.forName(name), name);
    }
  }
}
