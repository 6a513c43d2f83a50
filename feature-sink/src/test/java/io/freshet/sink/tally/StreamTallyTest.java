package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.PassReason;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.TopicOffset;
import io.freshet.schemas.TrainingStep;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.sink.tally.WallImage.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StreamTallyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final BlobRef BLOB = new BlobRef("shard", 0L, 10, new Sha256(new byte[32]));
  private static final String SPACE = "m@1/cls/l2";

  private final StreamTally tally =
      new StreamTally(InstantSource.fixed(NOW), 100, new StoredFeatures(1 << 20));

  private void unique(String id, String url) {
    tally.unique(
        new UniqueImage(
            "r", id, BLOB, 8, 8, id, null, new SourceUrls(url, null, "alt " + id), NOW, NOW, NOW),
        0);
  }

  private void duplicate(String id, String kept, String url) {
    tally.duplicate(
        new DuplicateImage(
            "r",
            id,
            BLOB,
            kept,
            kept,
            DuplicateMethod.HASH,
            3f,
            8f,
            null,
            new SourceUrls(url, null, "alt " + id),
            NOW,
            NOW,
            null,
            null),
        0);
  }

  private void curated(String id, CurationStrategy strategy, String query) {
    tally.curated(
        new CuratedImage(id, BLOB, "photos", strategy, query, 0.5f, 0, 0L, SPACE, NOW, null),
        0,
        0,
        0);
  }

  private void passed(String id, PassReason reason, String seed, Float similarity) {
    tally.passed(
        new PassedImage(
            id, reason, seed == null ? null : "photos", seed, similarity, 0.5f, 0L, SPACE, NOW));
  }

  private void feature(String id) {
    tally.feature(new ImageFeature(id, Vectors.of(SPACE, new float[] {1, 0}), null, NOW, NOW), 0);
  }

  private void retracted(String id) {
    tally.retracted(
        new RetractedImage(
            id, null, RetractionCause.MERGED, NOW, null, null, null, null, null, null),
        0);
  }

  private void revoked(String target) {
    tally.revoked(new Revocation(target, "asked", NOW), 0);
  }

  private void evaluationSeed(String id, String dataset, String label) {
    tally.seed(new SeedImage(id, BLOB, dataset, label, SeedRole.EVALUATION, null, "f", NOW));
  }

  private long waitingForFeatures() {
    return tally.overview(List.of(), null, List.of(), null).waiting().get("features");
  }

  private List<WallPage.Item> wall(Verdict verdict) {
    return tally.wall(verdict, Long.MAX_VALUE, 0, 100, WallFilter.ALL).items();
  }

  @Test
  void nothingWaitsForFeaturesOnceAllHaveOneOrWereWithdrawnInWhateverOrder() {
    for (int seed = 0; seed < 50; seed++) {
      StreamTallyTest fresh = new StreamTallyTest();
      List<Runnable> events = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String id = "image" + i;
        events.add(() -> fresh.unique(id, "http://site/" + id));
        if (i % 4 != 1 && i % 4 != 2) {
          events.add(() -> fresh.feature(id));
        }
        if (i % 4 == 1 || i % 4 == 3) {
          events.add(() -> fresh.retracted(id));
        }
        if (i % 4 == 2) {
          events.add(() -> fresh.revoked(targetOf(id)));
        }
      }
      Collections.shuffle(events, new Random(seed));
      events.forEach(Runnable::run);
      assertEquals(0, fresh.waitingForFeatures(), "order of seed " + seed);
      fresh.unique("another", "http://site/another");
      assertEquals(1, fresh.waitingForFeatures(), "order of seed " + seed);
    }
  }

  /** Every other revocation names the URL. */
  private static String targetOf(String id) {
    return id.hashCode() % 2 == 0 ? id : "http://site/" + id;
  }

  @Test
  void anImageThatIsDescribedInTwoSpacesAndThenWithdrawnCountsOnce() {
    unique("a", "http://site/a");
    unique("b", "http://site/b");
    feature("a");
    feature("a");
    retracted("a");
    revoked("a");
    assertEquals(1, waitingForFeatures());
  }

  @Test
  void equalLabelsOfTwoDatasetsAreTwo() {
    evaluationSeed("a", "photos", "cat");
    evaluationSeed("b", "drawings", "cat");
    evaluationSeed("c", "drawings", "cat");
    assertEquals(
        Set.of("a", "b"),
        tally.evaluationImages(8).stream().map(SeedImage::getImageId).collect(Collectors.toSet()));
  }

  @Test
  void aCuratedImageIsShownBesideItsSeedOrTheMedoidOfItsCluster() {
    evaluationSeed("seed", "photos", "cat");
    unique("medoid", "http://site/medoid");
    unique("a", "http://site/a");
    curated("a", CurationStrategy.SEED, "seed");
    curated("a", CurationStrategy.CLUSTER, "medoid");
    curated("a", CurationStrategy.CLUSTER, "unknown");
    List<WallPage.Item> items = wall(Verdict.CURATED);
    assertFalse(items.get(0).hasPicture());
    assertEquals("http://site/medoid", items.get(1).beside().url());
    assertEquals("photos / f", items.get(2).beside().url());
  }

  @Test
  void whatWasNotChosenStandsBesideTheSeedThatItIsNearestTo() {
    evaluationSeed("seed", "photos", "cat");
    unique("far", "http://site/far");
    passed("far", PassReason.FAR, "seed", 0.25f);
    passed("gone", PassReason.UNREADABLE, null, null);
    passed("revoked", PassReason.FAR, "seed", 0.125f);
    revoked("revoked");
    List<WallPage.Item> items = wall(Verdict.PASSED);
    assertEquals(2, items.size(), "what is revoked is taken down");
    WallPage.Item gone = items.get(0);
    assertFalse(gone.hasPicture());
    assertNull(((WallImage.Passed) gone.image()).similarity());
    WallPage.Item far = items.get(1);
    assertEquals("photos / f", far.beside().url());
    assertEquals("http://site/far", far.found().url());
    assertEquals(0.25, ((WallImage.Passed) far.image()).similarity());
    WallPage page = tally.wall(Verdict.PASSED, Long.MAX_VALUE, 0, 10, WallFilter.ALL);
    assertEquals(Map.of("FAR", 1, "UNREADABLE", 1), page.facets());
  }

  @Test
  void theTrainersLagIsFromTheCurationToTheStepThatCamePastIt() {
    curated("a", CurationStrategy.SEED, "seed");
    tally.trained(
        new TrainingStep(
            "run",
            1L,
            8L,
            List.of(new TopicOffset("image.curated", 0, 1L)),
            Map.of("total", 1.0),
            1e-3,
            0.04,
            0.99,
            0.04,
            Map.of(),
            Map.of(),
            false,
            100.0,
            5.0,
            NOW.plusSeconds(7)),
        0);
    Overview overview = tally.overview(List.of(), null, List.of(), null);
    assertEquals(7.0, overview.delaysS().get("trainer"));
    assertEquals(0L, overview.waiting().get("trainer"));
  }

  @Test
  void theCuratedWallIsNarrowedToWhatOneSeedRetrieved() {
    curated("a", CurationStrategy.SEED, "seed");
    curated("b", CurationStrategy.SEED, "other");
    curated("c", CurationStrategy.SEED, "seed");
    WallFilter ofSeed = new WallFilter(Optional.empty(), Optional.of("seed"));
    WallPage page = tally.wall(Verdict.CURATED, Long.MAX_VALUE, 0, 10, ofSeed);
    assertEquals(2, page.total());
    assertEquals(
        List.of("c", "a"),
        page.items().stream().map(item -> ((WallImage.Curated) item.image()).imageId()).toList());
    assertEquals(Map.of("photos", 2), page.facets());
    WallFilter elsewhere = new WallFilter(Optional.of("drawings"), Optional.of("seed"));
    assertEquals(0, tally.wall(Verdict.CURATED, Long.MAX_VALUE, 0, 10, elsewhere).total());
    WallFilter unknown = new WallFilter(Optional.empty(), Optional.of("nobody"));
    assertEquals(0, tally.wall(Verdict.CURATED, Long.MAX_VALUE, 0, 10, unknown).total());
  }

  @Test
  void whatIsRevokedLeavesTheWallsAtOnceAndKeepsNoPicture() {
    unique("a", "http://site/a");
    unique("b", "http://site/b");
    duplicate("c", "a", "http://site/c");
    curated("a", CurationStrategy.CLUSTER, "b");
    revoked("http://site/a");
    assertEquals(List.of("b"), ids(Verdict.UNIQUE));
    assertEquals(List.of(), ids(Verdict.CURATED));
    assertFalse(wall(Verdict.DUPLICATE).get(0).hasPicture(), "the picture beside it is gone");
    assertTrue(tally.blob("a").isEmpty());
    assertTrue(tally.revoked("a"));
    assertFalse(tally.revoked("b"));
    revoked("http://site/c");
    assertEquals(List.of(), ids(Verdict.DUPLICATE));
    assertEquals(1, tally.wall(Verdict.UNIQUE, Long.MAX_VALUE, 0, 10, WallFilter.ALL).total());
  }

  @Test
  void whatWasRevokedBeforeItIsReadComesOnNoWall() {
    revoked("http://site/a");
    curated("a", CurationStrategy.CLUSTER, "b");
    unique("a", "http://site/a");
    duplicate("c", "b", "http://site/a");
    for (Verdict verdict : Verdict.values()) {
      assertEquals(List.of(), wall(verdict), verdict.name());
    }
    assertTrue(tally.revoked("a"));
  }

  private List<String> ids(Verdict verdict) {
    return wall(verdict).stream()
        .map(WallPage.Item::image)
        .map(
            image ->
                image instanceof WallImage.Unique unique
                    ? unique.imageId()
                    : image instanceof WallImage.Duplicate copy
                        ? copy.imageId()
                        : ((WallImage.Curated) image).imageId())
        .toList();
  }
}
