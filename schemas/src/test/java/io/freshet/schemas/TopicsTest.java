package io.freshet.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TopicsTest {
  static Stream<Topic<?>> topics() {
    return Topics.all().stream();
  }

  /** Names are public: consumers subscribe to them. */
  @Test
  void keepsItsPublicNames() {
    assertEquals(
        List.of(
            "crawl.pages",
            "crawl.images",
            "image.ingested",
            "image.rejected",
            "image.unique",
            "image.duplicate",
            "image.retracted",
            "seed.registered",
            "image.curated",
            "image.passed",
            "curation.window",
            "training.step",
            "training.exchange",
            "model.published",
            "image.feature",
            "image.patch_feature",
            "feature.backfill",
            "feature.backfill.progress",
            "image.revoked"),
        Topics.all().stream().map(Topic::name).toList());
  }

  @Test
  void compactsWhatIsKeptByKey() {
    assertEquals(
        Set.of(
            "seed.registered",
            "model.published",
            "image.feature",
            "image.patch_feature",
            "feature.backfill",
            "feature.backfill.progress"),
        Set.copyOf(
            Topics.all().stream()
                .filter(topic -> topic.cleanup() == Topic.Cleanup.COMPACT)
                .map(Topic::name)
                .toList()));
    for (Topic<?> topic : Topics.all()) {
      if (topic.cleanup() == Topic.Cleanup.COMPACT) {
        assertEquals(Optional.empty(), topic.retention(), topic.name());
      }
    }
  }

  @Test
  void putsThePrefixOfADeploymentFirst() {
    assertEquals("demo.crawl.pages", Topics.CRAWL_PAGES.nameWith("demo."));
    assertEquals("crawl.pages", Topics.CRAWL_PAGES.nameWith(""));
  }

  @Test
  void carriesEachRecordTypeOnce() {
    Set<Class<?>> types = new HashSet<>();
    for (Topic<?> topic : Topics.all()) {
      assertTrue(types.add(topic.recordType()), topic.name());
    }
  }

  @ParameterizedTest
  @MethodSource("topics")
  <T extends SpecificRecordBase> void keysEveryRecord(Topic<T> topic) throws IOException {
    T sample = topic.recordType().cast(Samples.of(topic.recordType()).get(0));
    String key = topic.key().of(sample);
    assertTrue(key != null && !key.isBlank(), topic.name());
    assertEquals(key, topic.key().of(sample));
    ByteArrayOutputStream shipped = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(shipped)) {
      out.writeObject(topic.key());
    }
    assertTrue(shipped.size() > 0);
  }

  @Test
  void keysFeaturesByImageAndSpace() {
    ImageFeature feature = (ImageFeature) Samples.of(ImageFeature.class).get(0);
    assertEquals(
        feature.getImageId() + "|bootstrap@1/features/l2", Topics.IMAGE_FEATURE.key().of(feature));
  }
}
