package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images wait for the first champion, and each feature names the model that made it. */
class FeatureJobIT {
  private static final int IMAGES = 6;

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

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
