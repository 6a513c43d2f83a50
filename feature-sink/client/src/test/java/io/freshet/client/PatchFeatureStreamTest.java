package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.schemas.PatchFeature;
import io.freshet.schemas.PatchFeatures;
import io.freshet.schemas.RecordCodec;
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

class PatchFeatureStreamTest {
  private static final String OLD = "freshet@1/patch/none";
  private static final String NEW = "freshet@2/patch/none";
  private static final Instant AT = Instant.parse("2026-11-27T12:00:00Z");
  private static final TopicPartition PATCHES = new TopicPartition("t.image.patch_feature", 0);

  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
  private long offset;

  private PatchFeatureStream open() {
    Node[] none = {};
    kafka.updatePartitions(
        PATCHES.topic(), List.of(new PartitionInfo(PATCHES.topic(), 0, Node.noNode(), none, none)));
    kafka.updateBeginningOffsets(Map.of(PATCHES, 0L));
    kafka.updateEndOffsets(Map.of(PATCHES, 0L));
    return new PatchFeatureStream(kafka, "t.", NEW);
  }

  private static PatchFeature feature(String image, String space, float... elements) {
    return PatchFeatures.of(image, space, 1, 2, elements, AT, AT);
  }

  private void write(PatchFeature feature) {
    add(
        feature.getImageId() + "|" + feature.getSpaceId(),
        RecordCodec.of(PatchFeature.class).encode(feature));
  }

  private void add(String key, byte[] value) {
    kafka.addRecord(
        new ConsumerRecord<>(
            PATCHES.topic(), 0, offset++, key.getBytes(StandardCharsets.UTF_8), value));
  }

  @Test
  void handsOutThePinnedSpaceOnlyAndCountsTheOthers() {
    try (PatchFeatureStream stream = open()) {
      write(feature("a", OLD, 1, 2, 3, 4));
      write(feature("a", NEW, 1, 0.5f, 0, -1));
      add("a|" + OLD, null);
      add("a|" + NEW, null);
      List<PatchEvent> events = stream.poll(Duration.ZERO);
      PatchEvent.Written written = (PatchEvent.Written) events.get(0);
      assertEquals(2, written.patches().dim());
      assertArrayEquals(new float[] {1, 0.5f}, written.patches().patch(0, 0));
      assertArrayEquals(new float[] {0, -1}, written.patches().patch(0, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> written.patches().patch(1, 0));
      assertEquals(List.of(written, new PatchEvent.Erased("a")), events);
      assertEquals(Map.of(OLD, 1L), stream.passedOver());
    }
  }

  @Test
  void passesOverWhatCannotBeReadAndSaysHowMany() {
    try (PatchFeatureStream stream = open()) {
      add("a|" + NEW, new byte[] {1, 2, 3});
      add("no bar", null);
      write(PatchFeature.newBuilder(feature("a", NEW, 1, 2)).setRows(7).build());
      write(feature("b", NEW, 1, 2));
      assertEquals(1, stream.poll(Duration.ZERO).size());
      assertEquals(3, stream.unreadable());
    }
  }
}
