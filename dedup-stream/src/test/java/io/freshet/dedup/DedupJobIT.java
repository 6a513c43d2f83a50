package io.freshet.dedup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.testing.PhotoSquares;
import io.freshet.dedup.testing.Pictures;
import io.freshet.dedup.testing.Requests;
import io.freshet.dedup.testing.StoredImages;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real photographs and copies of them through broker, job, blob store and embedder. */
class DedupJobIT {
  private static final int PHOTOS = 12;
  private static final String PARALLELISM = "flink.parallelism";

  @RegisterExtension
  static final FreshetCluster CLUSTER = FreshetCluster.create().with(PARALLELISM, "1");

  private final List<IngestedImage> requests = new ArrayList<>();
  private final Map<String, String> keeperOfRequest = new HashMap<>();
  private int produced;

  @Test
  void everyRequestEndsOnceAndCopiesFindTheirOriginalAcrossCrashesAndRescales() {
    BlobConfig blobs = CLUSTER.config().section("blobs", BlobConfig.class);
    // A texture may have no PDQ hash worth the name; its mirrored copy is then beyond the embedder.
    List<RgbImage> photos =
        PhotoSquares.load(1).stream()
            .map(PhotoSquares.Square::image)
            .filter(photo -> PdqHash.of(photo).quality() > PdqHash.USELESS_QUALITY)
            .limit(PHOTOS)
            .toList();
    try (StoredImages store = new StoredImages(blobs)) {
      photos.forEach(photo -> request(store, photo, photo));
      String altered = requestAltered(store, photos.get(0));
      String missing = requestMissing(store);
      CLUSTER.submit(new DedupJob());
      CLUSTER.produce(Topics.IMAGE_INGESTED, requests);
      produced = requests.size();
      CLUSTER.await(Topics.IMAGE_UNIQUE, PHOTOS);

      for (RgbImage photo : photos) {
        request(store, photo, photo);
        request(store, Pictures.jpeg(photo, 0.6f), photo);
      }
      produceAndRescaleTo(3);
      awaitDuplicates();

      for (RgbImage photo : photos) {
        request(store, Pictures.half(photo), photo);
        request(store, Pictures.mirrored(photo), photo);
        request(store, Pictures.rotated(photo), photo);
      }
      produceAndRescaleTo(2);
      List<DuplicateImage> duplicates = awaitDuplicates();
      List<UniqueImage> uniques = CLUSTER.records(Topics.IMAGE_UNIQUE);
      List<RejectedImage> rejected = CLUSTER.records(Topics.IMAGE_REJECTED);
      verifyConservation(uniques, duplicates, rejected);
      verifyOutcomes(photos, uniques, duplicates);
      assertEquals(
          Map.of(missing, RejectionReason.BLOB_MISSING),
          rejected.stream()
              .collect(Collectors.toMap(RejectedImage::getRequestId, RejectedImage::getReason)));
      assertTrue(
          duplicates.stream().anyMatch(duplicate -> duplicate.getRequestId().equals(altered)),
          "a copy needs no bytes of its own");
    }
  }

  /** Kills the job among the new requests; it goes on from its checkpoint on so many tasks. */
  private void produceAndRescaleTo(int tasks) {
    CLUSTER.produce(Topics.IMAGE_INGESTED, requests.subList(produced, requests.size()));
    produced = requests.size();
    CLUSTER.crashFlink(PARALLELISM, Integer.toString(tasks));
    CLUSTER.submit(new DedupJob());
  }

  private List<DuplicateImage> awaitDuplicates() {
    int expected = requests.size() - PHOTOS - 1;
    return CLUSTER.await(
        Topics.IMAGE_DUPLICATE, records -> records.size() >= expected, Duration.ofMinutes(2));
  }

  private void verifyConservation(
      List<UniqueImage> uniques, List<DuplicateImage> duplicates, List<RejectedImage> rejected) {
    Set<String> ended = new HashSet<>();
    uniques.forEach(unique -> assertTrue(ended.add(unique.getRequestId()), "twice"));
    duplicates.forEach(duplicate -> assertTrue(ended.add(duplicate.getRequestId()), "twice"));
    rejected.forEach(refusal -> assertTrue(ended.add(refusal.getRequestId()), "twice"));
    assertEquals(
        requests.stream().map(IngestedImage::getRequestId).collect(Collectors.toSet()), ended);
  }

  private void verifyOutcomes(
      List<RgbImage> photos, List<UniqueImage> uniques, List<DuplicateImage> duplicates) {
    assertEquals(
        photos.stream().map(CanonicalEncoding::imageId).collect(Collectors.toSet()),
        uniques.stream().map(UniqueImage::getImageId).collect(Collectors.toSet()));
    for (UniqueImage unique : uniques) {
      assertEquals("bootstrap@1/features/l2", unique.getCopyEmbedding().getSpaceId());
    }
    Map<DuplicateMethod, Integer> methods = new HashMap<>();
    for (DuplicateImage duplicate : duplicates) {
      methods.merge(duplicate.getMethod(), 1, Integer::sum);
      assertEquals(keeperOfRequest.get(duplicate.getRequestId()), duplicate.getKeptImageId());
      assertEquals(duplicate.getKeptImageId(), duplicate.getComponentId());
    }
    assertEquals(PHOTOS + 1, methods.get(DuplicateMethod.EXACT), methods.toString());
    assertTrue(methods.get(DuplicateMethod.HASH) > 3 * PHOTOS, methods.toString());
  }

  private void request(StoredImages store, RgbImage image, RgbImage original) {
    add(image, store.store(image), original);
  }

  /** An exact copy whose own bytes were altered. */
  private String requestAltered(StoredImages store, RgbImage photo) {
    return add(photo, StoredImages.altered(store.store(photo)), photo);
  }

  private String requestMissing(StoredImages store) {
    List<PhotoSquares.Square> squares = PhotoSquares.load(1);
    RgbImage other = squares.get(squares.size() - 1).image();
    BlobRef stored = store.store(other);
    return add(
        other,
        new BlobRef(
            "gone-0-000000.tar", stored.getOffset(), stored.getLength(), stored.getSha256()),
        other);
  }

  private String add(RgbImage image, BlobRef blob, RgbImage original) {
    PdqHash pdq = PdqHash.of(image);
    IngestedImage ingested =
        Requests.ingested(
            requests.size(),
            CanonicalEncoding.imageId(image),
            BitCode.of(pdq.bits()),
            pdq.quality(),
            blob);
    requests.add(ingested);
    keeperOfRequest.put(ingested.getRequestId(), CanonicalEncoding.imageId(original));
    return ingested.getRequestId();
  }
}
