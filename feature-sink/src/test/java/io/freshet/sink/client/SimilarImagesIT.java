package io.freshet.sink.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.FeatureStream;
import io.freshet.client.SpacePolicy;
import io.freshet.client.similar.SimilarImages;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.Topics;
import io.freshet.schemas.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** "Find similar" over a real topic while the champion changes and an image is withdrawn. */
class SimilarImagesIT {
  static final String OLD = "freshet@1/cls/l2";
  static final String NEW = "freshet@2/cls/l2";
  private static final int IMAGES = 60;
  static final int DIM = 16;

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @Test
  void answersThroughoutAChangeOfChampionAndNeverMixesSpaces() {
    write(CLUSTER, OLD, 0, IMAGES);
    AtomicReference<String> champion = new AtomicReference<>(OLD);
    try (SimilarImages similar =
        new SimilarImages(
            space ->
                FeatureStream.open(
                    CLUSTER.kafka().connection(),
                    CLUSTER.kafka().topicPrefix(),
                    SpacePolicy.only(space)),
            OLD,
            () -> Optional.of(champion.get()),
            0.9)) {
      advance(similar, () -> similar.size() == IMAGES);
      assertEquals("image7", first(similar, OLD, 7));

      CLUSTER.produceRaw(Topics.IMAGE_FEATURE, "image7|" + OLD, null);
      advance(similar, () -> similar.size() == IMAGES - 1);
      assertTrue(
          similar.find(OLD, vector(OLD, 7), IMAGES).stream()
              .noneMatch(match -> match.imageId().equals("image7")));

      champion.set(NEW);
      CLUSTER.produce(Topics.MODEL_PUBLISHED, champion(2));
      write(CLUSTER, NEW, 0, IMAGES / 2);
      advance(similar, () -> Map.of(OLD, IMAGES - 1, NEW, IMAGES / 2).equals(similar.sizes()));
      assertEquals("image8", first(similar, OLD, 8));

      write(CLUSTER, NEW, IMAGES / 2, IMAGES);
      advance(similar, () -> similar.space().equals(NEW) && similar.size() == IMAGES);
      assertEquals("image9", first(similar, NEW, 9));
      String refusal =
          assertThrows(IllegalArgumentException.class, () -> similar.find(OLD, vector(OLD, 8), 1))
              .getMessage();
      assertTrue(refusal.contains(OLD) && refusal.contains(NEW), refusal);
    }
  }

  static String first(SimilarImages similar, String space, int image) {
    SimilarImages.Match match = similar.find(space, vector(space, image), 3).get(0);
    assertEquals(1, match.cosine(), 1e-4);
    return match.imageId();
  }

  static void advance(SimilarImages similar, BooleanSupplier done) {
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      similar.advance(Duration.ofMillis(100));
      assertTrue(System.nanoTime() < deadline, "still " + similar.sizes());
    }
  }

  static void write(FreshetCluster cluster, String space, int from, int to) {
    List<ImageFeature> features = new ArrayList<>();
    for (int image = from; image < to; image++) {
      Instant now = Instant.now();
      features.add(
          new ImageFeature(
              "image" + image, Vectors.of(space, vector(space, image)), null, now, now));
    }
    cluster.produce(Topics.IMAGE_FEATURE, features);
  }

  static float[] vector(String space, int image) {
    Random random = new Random(31L * image + space.hashCode());
    float[] vector = new float[DIM];
    double squares = 0;
    for (int i = 0; i < DIM; i++) {
      vector[i] = (float) random.nextGaussian();
      squares += vector[i] * vector[i];
    }
    for (int i = 0; i < DIM; i++) {
      vector[i] /= (float) Math.sqrt(squares);
    }
    return vector;
  }

  static ModelPublished champion(int version) {
    return new ModelPublished(
        "freshet",
        version,
        new Sha256(new byte[32]),
        "registry:freshet@" + version,
        "vit",
        DIM,
        14,
        56,
        "run",
        1L,
        1L,
        List.of(),
        Map.of(),
        List.of(),
        List.of("champion"),
        Instant.now());
  }
}
