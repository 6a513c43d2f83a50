package io.freshet.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.Topics;
import io.freshet.vision.image.CanonicalEncoding;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What a read_committed reader finds behind the job. */
record IngestOutcomes(List<IngestedImage> ingested, List<RejectedImage> rejected) {

  /** Waits until every request has ended, and then a little for what should not come. */
  static IngestOutcomes await(FreshetCluster cluster, int requests, Duration most)
      throws InterruptedException {
    cluster.await(
        Topics.IMAGE_INGESTED,
        images -> images.size() + cluster.records(Topics.IMAGE_REJECTED).size() >= requests,
        most);
    Thread.sleep(1500);
    IngestOutcomes outcomes =
        new IngestOutcomes(
            cluster.records(Topics.IMAGE_INGESTED), cluster.records(Topics.IMAGE_REJECTED));
    assertEquals(requests, outcomes.ingested.size() + outcomes.rejected.size(), "conservation");
    return outcomes;
  }

  void assertEachRequestEndedOnce() {
    Set<String> ids = new HashSet<>();
    Stream.concat(
            ingested.stream().map(IngestedImage::getRequestId),
            rejected.stream().map(RejectedImage::getRequestId))
        .forEach(id -> assertTrue(ids.add(id), () -> "request " + id + " ended twice"));
  }

  void assertBlobsHoldTheImages(FreshetCluster cluster) {
    try (BlobStore blobs = BlobStores.open(cluster.config().section("blobs", BlobConfig.class))) {
      for (IngestedImage image : ingested) {
        assertEquals(
            image.getImageId(),
            CanonicalEncoding.imageId(CanonicalEncoding.decode(blobs.read(image.getBlob()))));
      }
    }
  }
}
