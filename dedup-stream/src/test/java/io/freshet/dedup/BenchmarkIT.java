package io.freshet.dedup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.testing.PhotoSquares;
import io.freshet.dedup.testing.Pictures;
import io.freshet.dedup.testing.Requests;
import io.freshet.dedup.testing.StoredImages;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A benchmark that is registered after copies of it were let through, again since it couldn't be
 * read the first time.
 */
class BenchmarkIT {
  @RegisterExtension
  static final FreshetCluster CLUSTER = FreshetCluster.create().with("flink.parallelism", "2");

  private int requests;

  @Test
  void aLateBenchmarkWithdrawsItsCopiesAndRefusesLaterOnes() {
    BlobConfig blobs = CLUSTER.config().section("blobs", BlobConfig.class);
    List<RgbImage> photos =
        PhotoSquares.load(1).stream()
            .map(PhotoSquares.Square::image)
            .filter(photo -> PdqHash.of(photo).quality() > PdqHash.USELESS_QUALITY)
            .limit(2)
            .toList();
    RgbImage published = photos.get(0);
    RgbImage other = photos.get(1);
    RgbImage benchmark = Pictures.jpeg(published, 0.7f);
    try (StoredImages store = new StoredImages(blobs)) {
      CLUSTER.submit(new DedupJob());
      CLUSTER.produce(Topics.IMAGE_INGESTED, request(store, published), request(store, other));
      CLUSTER.await(Topics.IMAGE_UNIQUE, 2);
      assertEquals(List.of(), CLUSTER.records(Topics.IMAGE_RETRACTED));

      SeedImage seed = seed(store, benchmark);
      SeedImage unreadable =
          SeedImage.newBuilder(seed).setBlob(StoredImages.altered(seed.getBlob())).build();
      CLUSTER.produce(Topics.SEED_REGISTERED, unreadable, seed);
      RetractedImage withdrawn = CLUSTER.await(Topics.IMAGE_RETRACTED, 1).get(0);
      assertEquals(CanonicalEncoding.imageId(published), withdrawn.getImageId());
      assertEquals(RetractionCause.BENCHMARK_ADDED, withdrawn.getCause());
      assertEquals("photos", withdrawn.getBenchmarkDataset());

      CLUSTER.crashFlink();
      CLUSTER.submit(new DedupJob());
      RgbImage copy = Pictures.half(published);
      RgbImage copyOfOther = Pictures.half(other);
      CLUSTER.produce(Topics.IMAGE_INGESTED, request(store, copy), request(store, copyOfOther));
      var duplicates =
          CLUSTER.await(Topics.IMAGE_DUPLICATE, 2).stream()
              .collect(Collectors.toMap(DuplicateImage::getImageId, duplicate -> duplicate));
      DuplicateImage refused = duplicates.get(CanonicalEncoding.imageId(copy));
      assertEquals(DuplicateMethod.BENCHMARK, refused.getMethod());
      assertEquals(CanonicalEncoding.imageId(benchmark), refused.getKeptImageId());
      assertEquals(
          CanonicalEncoding.imageId(other),
          duplicates.get(CanonicalEncoding.imageId(copyOfOther)).getKeptImageId());
      List<UniqueImage> uniques = CLUSTER.records(Topics.IMAGE_UNIQUE);
      assertEquals(2, uniques.size());
    }
  }

  private IngestedImage request(StoredImages store, RgbImage image) {
    PdqHash pdq = PdqHash.of(image);
    return Requests.ingested(
        requests++,
        CanonicalEncoding.imageId(image),
        BitCode.of(pdq.bits()),
        pdq.quality(),
        store.store(image));
  }

  private static SeedImage seed(StoredImages store, RgbImage image) {
    return SeedImage.newBuilder()
        .setImageId(CanonicalEncoding.imageId(image))
        .setBlob(store.store(image))
        .setDataset("photos")
        .setLabel("photo")
        .setRole(SeedRole.BENCHMARK)
        .setFile("photo.jpg")
        .setAt(Instant.parse("2026-03-02T10:00:00Z"))
        .build();
  }
}
