package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.PublishOutcome;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    List<RgbImage> pictures = IntStream.range(0, 2 * IMAGES).mapToObj(this::picture).toList();
    List<UniqueImage> images = store(pictures);

    CLUSTER.submit(new FeatureJob());
    images.subList(0, IMAGES).forEach(image -> CLUSTER.produce(Topics.IMAGE_UNIQUE, image));
    CLUSTER.produce(Topics.MODEL_PUBLISHED, announcement(publish(registry), List.of("candidate")));
    CLUSTER.produce(Topics.MODEL_PUBLISHED, announcement(publish(registry), List.of("champion")));
    List<ImageFeature> first = CLUSTER.await(Topics.IMAGE_FEATURE, IMAGES);
    assertSpace("freshet@2/features/l2", first);

    CLUSTER.produce(Topics.MODEL_PUBLISHED, announcement(publish(registry), List.of("champion")));
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

  private static Manifest publish(ModelRegistry registry) throws IOException {
    Path staged = Files.createTempDirectory(CLUSTER.directory(), "staged");
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    PublishOutcome outcome =
        registry.publish(
            "freshet",
            staged,
            new Release(
                "mobilenet_v2",
                1792,
                0,
                224,
                "run",
                1,
                1,
                List.of(),
                Map.of(),
                List.of(),
                spec.toMap(),
                "MIT"));
    return ((PublishOutcome.Published) outcome).manifest();
  }

  private static ModelPublished announcement(Manifest manifest, List<String> aliases) {
    return new ModelPublished(
        manifest.name(),
        manifest.version(),
        new Sha256(HexFormat.of().parseHex(manifest.sha256())),
        "registry",
        manifest.architecture(),
        manifest.dim(),
        manifest.patch(),
        manifest.imageSize(),
        manifest.runId(),
        manifest.step(),
        manifest.imagesSeen(),
        List.of(),
        Map.of(),
        List.of(),
        aliases,
        manifest.createdAt());
  }

  private static List<UniqueImage> store(List<RgbImage> pictures) {
    try (ShardWriter shard =
        BlobStores.open(CLUSTER.config().section("blobs", BlobConfig.class)).openShard("test")) {
      List<UniqueImage> images =
          pictures.stream()
              .map(
                  picture -> {
                    String id = CanonicalEncoding.imageId(picture);
                    BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(picture));
                    Instant now = Instant.now();
                    return new UniqueImage(
                        "request " + id,
                        id,
                        blob,
                        picture.width(),
                        picture.height(),
                        id,
                        null,
                        new SourceUrls("http://site/" + id, null, null),
                        now,
                        now,
                        now);
                  })
              .toList();
      shard.sync();
      return images;
    }
  }

  /** Bands of colour, another for each number. */
  private RgbImage picture(int number) {
    Random random = new Random(number);
    byte[] rgb = new byte[3 * 64 * 64];
    for (int row = 0; row < 64; row += 8) {
      byte[] colour = new byte[3];
      random.nextBytes(colour);
      for (int i = row * 64; i < (row + 8) * 64; i++) {
        System.arraycopy(colour, 0, rgb, 3 * i, 3);
      }
    }
    return new RgbImage(64, 64, rgb);
  }
}
