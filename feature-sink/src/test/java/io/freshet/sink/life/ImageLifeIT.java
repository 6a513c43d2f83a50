package io.freshet.sink.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.ImageFormat;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Original;
import io.freshet.schemas.PassReason;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.Pdq256;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.SafetyScores;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ImageLifeIT {
  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  private static final String IMAGE = "ab".repeat(32);
  private static final String OTHER = "cd".repeat(32);
  private static final String PASSED = "12".repeat(32);
  private static final String URL = "http://site/a.png";

  @Test
  void followsAnImageFromItsUrl() {
    CLUSTER.produce(Topics.IMAGE_INGESTED, ingested("r1", IMAGE, URL), ingested("r2", OTHER, "b"));
    CLUSTER.produce(Topics.IMAGE_UNIQUE, unique(IMAGE), unique(OTHER));
    CLUSTER.produce(Topics.IMAGE_DUPLICATE, duplicate());
    CLUSTER.produce(Topics.IMAGE_CURATED, curated(IMAGE), curated(OTHER));
    CLUSTER.produce(
        Topics.IMAGE_RETRACTED,
        RetractedImage.newBuilder()
            .setImageId(IMAGE)
            .setKeptImageId(OTHER)
            .setCause(RetractionCause.MERGED)
            .setAt(at(5))
            .setMethod(DuplicateMethod.COPY_EMBEDDING)
            .setScore(0.98f)
            .setThreshold(0.97f)
            .setOwnImageId(IMAGE)
            .setEvidenceImageId("ef")
            .build(),
        RetractedImage.newBuilder()
            .setImageId(IMAGE)
            .setCause(RetractionCause.BENCHMARK_ADDED)
            .setBenchmarkDataset("oxford")
            .setAt(at(6))
            .build());
    CLUSTER.produce(Topics.IMAGE_REVOKED, new Revocation(URL, "opt-out", at(9)));

    List<LifeEvent> life = ImageLife.of(CLUSTER.kafka(), URL);

    assertEquals(
        List.of(
            "image.ingested",
            "image.unique",
            "image.duplicate",
            "image.curated",
            "image.retracted",
            "image.retracted",
            "image.revoked"),
        life.stream().map(LifeEvent::topic).toList());
    assertTrue(
        life.get(2)
            .verdict()
            .contains("by HASH, 12 bits, threshold 31 to " + OTHER + ", request r3"),
        life.get(2).verdict());
    assertTrue(
        life.get(3)
            .verdict()
            .contains(
                "for photos by SAMPLE of seed1, cosine 0.7500, threshold 0.3000, rank 2, window 5, model m@1/f/l2"),
        life.get(3).verdict());
    assertEquals(
        "retracted: merged into %s by COPY_EMBEDDING, cosine 0.9800, threshold 0.9700 from %s to ef"
            .formatted(OTHER, IMAGE),
        life.get(4).verdict());
    assertEquals("retracted: too near to benchmark oxford", life.get(5).verdict());
    assertEquals(life, ImageLife.of(CLUSTER.kafka(), "r1"), "by the id of the request");
  }

  @Test
  void saysWhyAnImageWasNotChosen() {
    CLUSTER.produce(Topics.IMAGE_PASSED, passed(PASSED));
    assertEquals(
        "passed over, OUTBID: nearest to seed1 of photos, cosine 0.5000, threshold 0.2500, window 5, model m@1/f/l2",
        ImageLife.of(CLUSTER.kafka(), PASSED).get(0).verdict());
  }

  @Test
  void knowsNothingOfAnUnknownImage() {
    assertEquals(List.of(), ImageLife.of(CLUSTER.kafka(), "http://site/unknown.png"));
  }

  private static IngestedImage ingested(String request, String imageId, String url) {
    return new IngestedImage(
        request,
        imageId,
        blob(),
        640,
        480,
        new Original(ImageFormat.PNG, 10, sha()),
        new SourceUrls(url, null, null),
        at(1),
        at(1),
        at(1),
        new Pdq256(new byte[32]),
        100,
        null,
        0,
        new SafetyScores(null, null));
  }

  private static UniqueImage unique(String imageId) {
    return new UniqueImage(
        "r1", imageId, blob(), 640, 480, imageId, null, source(), at(1), at(1), at(2));
  }

  private static DuplicateImage duplicate() {
    return new DuplicateImage(
        "r3",
        IMAGE,
        blob(),
        IMAGE,
        IMAGE,
        DuplicateMethod.HASH,
        12f,
        31f,
        null,
        source(),
        at(1),
        at(3),
        OTHER,
        null);
  }

  private static PassedImage passed(String imageId) {
    return new PassedImage(
        imageId, PassReason.OUTBID, "photos", "seed1", 0.5f, 0.25f, 5L, "m@1/f/l2", at(4));
  }

  private static CuratedImage curated(String imageId) {
    return new CuratedImage(
        imageId,
        blob(),
        "photos",
        CurationStrategy.SAMPLE,
        "seed1",
        0.75f,
        2,
        5L,
        "m@1/f/l2",
        at(4),
        0.3f);
  }

  private static SourceUrls source() {
    return new SourceUrls(URL, null, null);
  }

  private static BlobRef blob() {
    return new BlobRef("shard", 0L, 0, sha());
  }

  private static Sha256 sha() {
    return new Sha256(new byte[32]);
  }

  private static Instant at(int second) {
    return Instant.ofEpochSecond(second);
  }
}
