package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.PatchEvent;
import io.freshet.client.PatchFeatureStream;
import io.freshet.client.PatchGrid;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is retracted or revoked loses its features, for every reader and for good. */
class FeatureWithdrawalIT {
  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create().with("features.patches.models", "[freshet]");

  @Test
  void erasesWhatIsWithdrawnAndNeverWritesItAgain() throws IOException {
    ModelRegistry registry =
        ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class));
    List<RgbImage> pictures = IntStream.range(100, 104).mapToObj(TestImages::picture).toList();
    List<UniqueImage> images =
        TestImages.store(CLUSTER.config().section("blobs", BlobConfig.class), pictures);
    UniqueImage kept = images.get(0);
    UniqueImage merged = images.get(1);
    UniqueImage optedOut = images.get(2);
    CLUSTER.submit(new FeatureJob());
    CLUSTER.produce(
        Topics.MODEL_PUBLISHED,
        TestReleases.announcement(
            TestReleases.publishVit(registry, CLUSTER.directory(), 3), List.of("champion")));
    CLUSTER.produce(Topics.IMAGE_UNIQUE, List.of(kept, merged, optedOut));
    awaitFeatures(features -> features.containsAll(ids(kept, merged, optedOut)));

    Instant now = Instant.now();
    CLUSTER.produce(
        Topics.IMAGE_RETRACTED,
        RetractedImage.newBuilder()
            .setImageId(merged.getImageId())
            .setKeptImageId(kept.getImageId())
            .setCause(RetractionCause.MERGED)
            .setAt(now)
            .build());
    CLUSTER.produce(
        Topics.IMAGE_REVOKED, new Revocation(optedOut.getSource().getImageUrl(), "opt-out", now));
    awaitFeatures(features -> !features.contains(merged.getImageId()));
    awaitFeatures(features -> !features.contains(optedOut.getImageId()));

    CLUSTER.crashFlink();
    CLUSTER.submit(new FeatureJob());
    CLUSTER.produce(Topics.IMAGE_UNIQUE, List.of(merged, optedOut, images.get(3)));
    Set<String> left = awaitFeatures(features -> features.containsAll(ids(images.get(3))));
    assertTrue(left.contains(kept.getImageId()));
    assertFalse(left.contains(merged.getImageId()));
    assertFalse(left.contains(optedOut.getImageId()));
    assertPatchesAreOf(ids(kept, images.get(3)));
  }

  /** As a client of the topic sees them, whoever was written and withdrawn before. */
  private static void assertPatchesAreOf(List<String> expected) {
    Map<String, PatchGrid> grids = new HashMap<>();
    int erased = 0;
    try (PatchFeatureStream stream =
        PatchFeatureStream.open(CLUSTER.kafka().connection(), "", "freshet@1/cls/l2")) {
      while (!stream.caughtUp()) {
        for (PatchEvent event : stream.poll(Duration.ofMillis(100))) {
          if (event instanceof PatchEvent.Written written) {
            grids.put(written.imageId(), written.patches());
          } else if (event instanceof PatchEvent.Erased gone) {
            grids.remove(gone.imageId());
            erased++;
          }
        }
      }
      assertEquals(0, stream.unreadable());
    }
    assertEquals(Set.copyOf(expected), grids.keySet());
    assertEquals(2, erased);
    grids.values().forEach(grid -> assertEquals(4 * 4 * 8, grid.elements().length));
  }

  private static List<String> ids(UniqueImage... images) {
    return Stream.of(images).map(UniqueImage::getImageId).toList();
  }

  /** The images that have a feature, as a reader of the compacted topic sees them. */
  private static Set<String> awaitFeatures(Predicate<Set<String>> condition) {
    Set<String> found = Set.of();
    for (int look = 0; look < 600; look++) {
      found =
          new TopicReader<>(CLUSTER.kafka(), Topics.IMAGE_FEATURE)
              .latestByKey().values().stream()
                  .map(ImageFeature::getImageId)
                  .collect(Collectors.toSet());
      if (condition.test(found)) {
        return found;
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
    throw new AssertionError("after a minute there are features of " + found);
  }
}
