package io.freshet.curator.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A topic of images against what a plain reading of it says. */
class StandingImagesIT {
  private static final long SEED = 7;
  private static final int IMAGES = 400;
  private static final String SPACE = "bootstrap@1/features/l2";
  private static final Instant AT = Instant.parse("2026-11-01T00:00:00Z");

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  private final Random random = new Random(SEED);

  @Test
  void givesWhatStandsOnceInTheOrderOfTheDecisions() throws Exception {
    List<UniqueImage> images = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      // Several decisions a microsecond, in an order that is not the topic's; some images twice.
      images.add(image(random.nextInt(IMAGES), AT.plusNanos(1_000L * random.nextInt(IMAGES / 4))));
    }
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < IMAGES / 10; i++) {
      UniqueImage image = images.get(random.nextInt(IMAGES));
      targets.add(
          random.nextBoolean() ? image.getImageId() : image.getSource().getImageUrl().toString());
    }
    Set<String> retracted = new HashSet<>();
    for (int i = 0; i < IMAGES / 10; i++) {
      retracted.add(images.get(random.nextInt(IMAGES)).getImageId());
    }
    CLUSTER.produce(Topics.IMAGE_UNIQUE, images);
    targets.forEach(
        target -> CLUSTER.produce(Topics.IMAGE_REVOKED, new Revocation(target, "asked", AT)));
    retracted.forEach(
        id ->
            CLUSTER.produce(
                Topics.IMAGE_RETRACTED,
                RetractedImage.newBuilder()
                    .setImageId(id)
                    .setCause(RetractionCause.MERGED)
                    .setAt(AT)
                    .build()));
    CLUSTER.produceRaw(Topics.IMAGE_UNIQUE, "poison", new byte[] {1, 2, 3});

    List<UniqueImage> left =
        images.stream()
            .filter(image -> !targets.contains(image.getSource().getImageUrl()))
            .filter(image -> !targets.contains(image.getImageId()))
            .filter(image -> !retracted.contains(image.getImageId()))
            .toList();
    Comparator<UniqueImage> order =
        Comparator.comparing(UniqueImage::getDecidedAt).thenComparing(UniqueImage::getImageId);
    Set<String> seen = new HashSet<>();
    List<String> expected =
        left.stream().sorted(order).map(UniqueImage::getImageId).filter(seen::add).toList();

    List<String> found = new ArrayList<>();
    try (StandingImages standing = StandingImages.read(CLUSTER.config(), SPACE)) {
      FoundImage.Unreadable poison = (FoundImage.Unreadable) standing.next();
      assertEquals("image.unique", poison.refusal().getOrigin().getTopic());
      assertEquals(
          new StandingImages.Counts(
              expected.size(), IMAGES - left.size(), left.size() - expected.size()),
          standing.counts(),
          "seed " + SEED);
      while (standing.hasNext()) {
        FoundImage.Standing image = (FoundImage.Standing) standing.next();
        found.add(image.image().getImageId());
        if (image.image().getRequestId().endsWith("0")) {
          assertNotNull(image.image().getCopyEmbedding(), "a vector of the space is kept");
        } else {
          assertNull(image.image().getCopyEmbedding(), "one of another space is not");
        }
      }
      assertFalse(standing.hasNext());
      assertEquals(expected.size(), standing.counts().standing());
    }
    assertEquals(expected, found, "seed " + SEED);
    try (Stream<Path> files = Files.list(CLUSTER.directory().resolve("flink"))) {
      assertEquals(
          List.of(),
          files.filter(file -> file.getFileName().toString().startsWith("curate-batch")).toList(),
          "no working files are left");
    }
  }

  private static UniqueImage image(int number, Instant decidedAt) {
    String id = "%064x".formatted(Math.floorMod(number * 7_919L, 1_000_003L));
    String space = number % 10 == 0 ? SPACE : "freshet@1/cls/l2";
    return new UniqueImage(
        "request" + number,
        id,
        new BlobRef("shard-0.tar", number * 512L, 100, new Sha256(new byte[32])),
        64,
        64,
        id,
        Vectors.of(space, new float[] {1, 0}),
        new SourceUrls(
            "https://host%d.example/%d.png".formatted(number % 5, number / 2), null, null),
        AT,
        AT,
        decidedAt);
  }
}
