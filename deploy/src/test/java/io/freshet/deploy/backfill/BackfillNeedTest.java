package io.freshet.deploy.backfill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BackfillProgress;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.PatchFeature;
import io.freshet.schemas.PatchFeatures;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What lacks a feature, and how far a backfill is. */
class BackfillNeedTest {
  private static final Instant AT = Instant.parse("2026-11-27T12:00:00Z");
  private static final String SPACE = "freshet@2/cls/l2";

  @Test
  void countsEachImageOnceAndNoneThatWasWithdrawn() {
    BackfillNeed.Count count = new BackfillNeed.Count(SPACE, Optional.empty());
    count.revoked(new Revocation("http://site/b", "opt-out", AT));
    count.retracted(merged("c", "a"));
    count.feature(feature("d", SPACE));
    count.feature(feature("a", "freshet@1/cls/l2"));
    for (String id : List.of("a", "b", "c", "d", "e", "a")) {
      count.unique(unique(id, 100));
    }
    BackfillNeed need = count.need();
    assertEquals(2, need.missing().size(), "a and e");
    assertEquals(200, need.missingBytes());
    assertEquals(1, need.present());
    assertEquals(2, need.withdrawn());
  }

  @Test
  void countsWhatLacksThePatchesOnlyWhereTheyArePublished() {
    String patchSpace = "freshet@2/patch/none";
    BackfillNeed.Count count = new BackfillNeed.Count(SPACE, Optional.of(patchSpace));
    count.retracted(merged("c", "a"));
    for (String id : List.of("a", "b", "c", "d")) {
      count.feature(feature(id, SPACE));
    }
    count.patches(patches("a", patchSpace));
    count.patches(patches("b", "freshet@1/patch/none"));
    for (String id : List.of("a", "b", "c", "d", "e")) {
      count.unique(unique(id, 100));
    }
    BackfillNeed need = count.need();
    assertEquals(3, need.missing().size(), "b, d and e");
    assertEquals(2, need.patchesOnly(), "b and d");
    assertEquals(1, need.present());
    assertEquals(1, need.withdrawn());
  }

  @Test
  void hasNotEndedBeforeEveryBucketWithImagesHasTold() {
    BackfillOrder order = new BackfillOrder("freshet@2", true, 0.0, AT);
    BackfillStatus first = BackfillStatus.of(order, List.of(progress(2, AT, 10, 10, 0, 0, 20)));
    assertFalse(first.ended(Set.of(0, 2)));
    assertTrue(first.ended(Set.of(2)), "the others hold nothing");
    BackfillStatus both =
        BackfillStatus.of(
            order, List.of(progress(2, AT, 10, 10, 0, 0, 20), progress(0, AT, 5, 4, 0, 0, 21)));
    assertFalse(both.ended(Set.of(0, 2)));
    assertFalse(BackfillStatus.of(order, List.of()).ended(Set.of()), "no task has begun");
  }

  private static RetractedImage merged(String image, String kept) {
    return RetractedImage.newBuilder()
        .setImageId(image)
        .setKeptImageId(kept)
        .setCause(RetractionCause.MERGED)
        .setAt(AT)
        .build();
  }

  private static PatchFeature patches(String id, String space) {
    return PatchFeatures.of(id, space, 1, 1, new float[] {1}, AT, AT);
  }

  @Test
  void sumsTheBucketsOfTheNewestOrderOnly() {
    BackfillOrder order = new BackfillOrder("freshet@2", true, 0.0, AT);
    BackfillStatus status =
        BackfillStatus.of(
            order,
            List.of(
                progress(0, AT, 10, 4, 1, 0, 20),
                progress(1, AT, 10, 2, 0, 1, 10),
                progress(2, AT.minusSeconds(60), 99, 99, 0, 0, 30)));
    assertEquals(20, status.images());
    assertEquals(8, status.done());
    assertFalse(status.ended());
    assertEquals(Optional.of(0.3), status.imagesPerSecond(Optional.empty()), "6 in 20 s");
    BackfillStatus later =
        BackfillStatus.of(
            order, List.of(progress(0, AT, 10, 9, 1, 0, 25), progress(1, AT, 10, 9, 0, 1, 30)));
    assertTrue(later.ended());
    assertEquals(Optional.of(1.2), later.imagesPerSecond(Optional.of(status)), "12 in 10 s");
  }

  private static BackfillProgress progress(
      int bucket, Instant ordered, long images, long embedded, long passed, long gone, int at) {
    return new BackfillProgress(
        bucket, SPACE, ordered, images, embedded, passed, gone, AT, AT.plusSeconds(at));
  }

  private static ImageFeature feature(String id, String space) {
    return new ImageFeature(id, Vectors.of(space, new float[] {1}), null, AT, AT);
  }

  private static UniqueImage unique(String id, int length) {
    return new UniqueImage(
        "request " + id,
        id,
        new BlobRef("shard-0.tar", 0L, length, new Sha256(new byte[32])),
        64,
        64,
        id,
        null,
        new SourceUrls("http://site/" + id, null, null),
        AT,
        AT,
        AT);
  }
}
