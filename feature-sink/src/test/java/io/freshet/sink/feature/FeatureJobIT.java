package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.sink.parquet.ParquetFiles;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images wait for the first champion, and each feature names the model that made it. */
class FeatureJobIT {
  private static final int IMAGES = 6;

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create()
          .with("features.files.enabled", "true")
          .with("features.files.compact_checkpoints", "1");

  @Test
  void waitsForAChampionAndSwapsItForTheNext() throws IOException {
    ModelRegistry registry =
        ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class));
    List<RgbImage> pictures = IntStream.range(0, 2 * IMAGES).mapToObj(TestImages::picture).toList();
    List<UniqueImage> images =
        TestImages.store(CLUSTER.config().section("blobs", BlobConfig.class), pictures);

    CLUSTER.submit(new FeatureJob());
    images.subList(0, IMAGES).forEach(image -> CLUSTER.produce(Topics.IMAGE_UNIQUE, image));
    CLUSTER.produce(
        Topics.MODEL_PUBLISHED,
        TestReleases.announcement(
            TestReleases.publish(registry, CLUSTER.directory()), List.of("candidate")));
    CLUSTER.produce(
        Topics.MODEL_PUBLISHED,
        TestReleases.announcement(
            TestReleases.publish(registry, CLUSTER.directory()), List.of("champion")));
    List<ImageFeature> first = CLUSTER.await(Topics.IMAGE_FEATURE, IMAGES);
    assertSpace("freshet@2/features/l2", first);

    CLUSTER.produce(
        Topics.MODEL_PUBLISHED,
        TestReleases.announcement(
            TestReleases.publish(registry, CLUSTER.directory()), List.of("champion")));
    CLUSTER.restartFlink();
    CLUSTER.submit(new FeatureJob());
    // Between two topics there is no order: the swap shows in one of the next images.
    List<ImageFeature> all = first;
    for (UniqueImage image : images.subList(IMAGES, 2 * IMAGES)) {
      CLUSTER.produce(Topics.IMAGE_UNIQUE, image);
      all = CLUSTER.await(Topics.IMAGE_FEATURE, all.size() + 1);
    }
    String last = images.get(2 * IMAGES - 1).getImageId();
    assertSpace(
        "freshet@3/features/l2",
        all.stream().filter(feature -> feature.getImageId().equals(last)).toList());
    assertVectorsAreTheModels(pictures, all);

    CLUSTER.produce(
        Topics.FEATURE_BACKFILL,
        new BackfillOrder("freshet@3", true, 0.0, Instant.now().truncatedTo(ChronoUnit.MICROS)));
    all =
        CLUSTER.await(
            Topics.IMAGE_FEATURE,
            features -> in("freshet@3/features/l2", features) == 2 * IMAGES,
            FreshetCluster.PATIENCE);
    assertEquals(
        all.size(),
        all.stream().map(Topics.IMAGE_FEATURE.key()::of).distinct().count(),
        "no feature is written twice");
    assertVectorsAreTheModels(
        pictures,
        all.stream().filter(f -> f.getCls().getSpaceId().startsWith("freshet@3/")).toList());
    CLUSTER.await(
        Topics.FEATURE_BACKFILL_PROGRESS,
        progress -> progress.stream().mapToLong(p -> p.getEmbedded() + p.getPassedOver()).sum() > 0,
        FreshetCluster.PATIENCE);
    assertFilesHold(all);
  }

  private static long in(String space, List<ImageFeature> features) {
    return features.stream().filter(f -> f.getCls().getSpaceId().equals(space)).count();
  }

  private static void assertFilesHold(List<ImageFeature> features) throws IOException {
    List<String> expected = features.stream().map(Topics.IMAGE_FEATURE.key()::of).sorted().toList();
    List<String> found = List.of();
    for (int look = 0; look < 100 && !found.equals(expected); look++) {
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      found = new ArrayList<>();
      for (Path file : ParquetFiles.visible(CLUSTER.directory().resolve("features"))) {
        for (GenericRecord row : ParquetFiles.rows(file)) {
          found.add(row.get("image_id") + "|" + row.get("space_id"));
        }
      }
      Collections.sort(found);
    }
    assertEquals(expected, found);
  }

  private static void assertSpace(String space, List<ImageFeature> features) {
    assertFalse(features.isEmpty());
    features.forEach(feature -> assertEquals(space, feature.getCls().getSpaceId()));
  }

  private static void assertVectorsAreTheModels(
      List<RgbImage> pictures, List<ImageFeature> features) {
    Map<String, float[]> byImage =
        features.stream()
            .collect(
                Collectors.toMap(
                    ImageFeature::getImageId, feature -> Vectors.toFloats(feature.getCls())));
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      for (RgbImage picture : pictures) {
        float[] expected = embedder.embed(List.of(picture))[0];
        float[] actual = byImage.get(CanonicalEncoding.imageId(picture));
        double cosine = 0;
        for (int i = 0; i < expected.length; i++) {
          cosine += (double) expected[i] * actual[i];
        }
        assertTrue(cosine > 0.9999, "cosine " + cosine);
      }
    }
  }
}
