package io.freshet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.Topics;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CuratedConsumerIT {
  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @Test
  void goesOnFromTheOffsetsThatItIsGivenAndLeavesOutWhatCanNotBeRead() throws InterruptedException {
    try (BlobStore blobs = BlobStores.open(CLUSTER.config().section("blobs", BlobConfig.class))) {
      List<CuratedImage> images = write(blobs, 20);
      CLUSTER.produce(Topics.IMAGE_CURATED, images.subList(0, 10));
      CLUSTER.produceRaw(Topics.IMAGE_CURATED, "poison", new byte[] {1, 2, 3});
      BlobRef ref = images.get(0).getBlob();
      CuratedImage lost =
          CuratedImage.newBuilder(images.get(0))
              .setImageId("0".repeat(64))
              .setBlob(
                  new BlobRef("missing-0.tar", ref.getOffset(), ref.getLength(), ref.getSha256()))
              .build();
      CLUSTER.produce(Topics.IMAGE_CURATED, lost);

      Map<Integer, Long> offsets = new HashMap<>();
      ImageLibrary library = new ImageLibrary(blobs);
      try (CuratedConsumer consumer = new CuratedConsumer(CLUSTER.kafka(), library, Map.of(), 4)) {
        List<Admission> first = await(consumer, 12);
        assertEquals(ids(images.subList(0, 10)), ids(first, offsets));
        assertEquals(2, consumer.unreadable());
      }

      CLUSTER.produce(Topics.IMAGE_CURATED, images.subList(10, 20));
      try (CuratedConsumer consumer = new CuratedConsumer(CLUSTER.kafka(), library, offsets, 100)) {
        List<Admission> second = await(consumer, 10);
        assertEquals(ids(images.subList(10, 20)), ids(second, offsets));
        assertTrue(consumer.await(Duration.ofMillis(300)).isEmpty());
      }
    }
  }

  private static List<Admission> await(CuratedConsumer consumer, int count)
      throws InterruptedException {
    List<Admission> arrived = new ArrayList<>();
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    while (arrived.size() < count && System.nanoTime() < deadline) {
      arrived.addAll(consumer.await(Duration.ofMillis(200)));
    }
    assertEquals(count, arrived.size());
    return arrived;
  }

  private static Set<String> ids(List<CuratedImage> images) {
    Set<String> ids = new TreeSet<>();
    images.forEach(image -> ids.add(image.getImageId()));
    return ids;
  }

  private static Set<String> ids(List<Admission> admissions, Map<Integer, Long> offsets) {
    Set<String> ids = new TreeSet<>();
    for (Admission admission : admissions) {
      offsets.merge(admission.partition(), admission.offset() + 1, Math::max);
      admission.sample().ifPresent(sample -> ids.add(sample.imageId()));
    }
    return ids;
  }

  private static List<CuratedImage> write(BlobStore blobs, int count) {
    List<CuratedImage> images = new ArrayList<>();
    try (ShardWriter writer = blobs.openShard("test")) {
      for (int i = 0; i < count; i++) {
        byte[] rgb = new byte[3 * 8 * 8];
        Arrays.fill(rgb, (byte) i);
        RgbImage image = new RgbImage(8, 8, rgb);
        BlobRef ref = writer.append(i + ".png", CanonicalEncoding.encode(image));
        images.add(
            new CuratedImage(
                CanonicalEncoding.imageId(image),
                ref,
                "photos",
                CurationStrategy.SAMPLE,
                "seed-" + i % 3,
                0.5f,
                1,
                1L,
                "bootstrap@1/features/l2",
                Instant.now(),
                null));
      }
      writer.sync();
    }
    return images;
  }
}
