package io.freshet.trainer.run;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DatasetFunnel;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import io.freshet.trainer.testing.PhotoSquares;
import io.freshet.trainer.testing.PhotoSquares.Square;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Squares of photographs as the stages before the trainer would hand them over. */
final class CuratedPhotos {
  private static final int SQUARES_OF_A_PHOTO = 60;

  private final Config config;
  private final KafkaConfig kafka;
  private final List<Square> train;
  private final List<Square> eval;

  CuratedPhotos(Config config) throws Exception {
    this.config = config;
    this.kafka = config.section("kafka", KafkaConfig.class);
    this.train = PhotoSquares.read("train");
    this.eval = PhotoSquares.read("eval");
  }

  List<RgbImage> images() {
    return eval.stream().map(Square::image).toList();
  }

  /** Photographs that there are squares of. */
  int photos() {
    return train.size() / SQUARES_OF_A_PHOTO;
  }

  /** Registers the first squares of the first photographs; at most 60 of each kind. */
  void registerEvaluation(int photos, int bank, int queries) {
    List<SeedImage> seeds = new ArrayList<>();
    try (BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
        ShardWriter writer = blobs.openShard("seeds")) {
      for (int photo = 0; photo < photos; photo++) {
        for (int i = 0; i < bank; i++) {
          seeds.add(seed(writer, train.get(photo * SQUARES_OF_A_PHOTO + i), "bank", i));
        }
        for (int i = 0; i < queries; i++) {
          seeds.add(seed(writer, eval.get(photo * SQUARES_OF_A_PHOTO + i), "query", i));
        }
      }
      writer.sync();
    }
    send(Topics.SEED_REGISTERED, seeds);
  }

  private static SeedImage seed(ShardWriter writer, Square square, String split, int number) {
    String file = "%d-%s-%d.png".formatted(square.label(), split, number);
    return SeedImage.newBuilder()
        .setImageId(CanonicalEncoding.imageId(square.image()))
        .setBlob(append(writer, square))
        .setDataset("photos")
        .setLabel("photo-" + square.label())
        .setRole(SeedRole.EVALUATION)
        .setSplit(split)
        .setFile(file)
        .setAt(Instant.EPOCH)
        .build();
  }

  /** Hands over the train squares {@code from} to {@code to}, taken across the photographs. */
  void curate(int from, int to) {
    List<CuratedImage> images = new ArrayList<>();
    try (BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
        ShardWriter writer = blobs.openShard("crawl")) {
      for (int i = from; i < to; i++) {
        Square square = train.get(i * 37 % train.size());
        images.add(
            new CuratedImage(
                CanonicalEncoding.imageId(square.image()),
                append(writer, square),
                "photos",
                CurationStrategy.SAMPLE,
                "seed-" + square.label(),
                0.8f,
                1,
                1L,
                "bootstrap@1/features/l2",
                Instant.EPOCH,
                null));
      }
      writer.sync();
    }
    send(Topics.IMAGE_CURATED, images);
  }

  /** Reports a window of so many images, some of them near the seeds and some of these selected. */
  void closeWindow(int images, int near, int selected) {
    send(
        Topics.CURATION_WINDOW,
        List.of(
            CurationWindow.newBuilder()
                .setWindow(1)
                .setSpaceId("bootstrap@1/features/l2")
                .setImages(images)
                .setWithdrawn(0)
                .setUnreadable(0)
                .setFunnels(List.of(new DatasetFunnel("photos", 4, near, selected, 0)))
                .setBalanced(0)
                .setClusterSizes(List.of())
                .setClosedAt(Instant.EPOCH)
                .build()));
  }

  private static BlobRef append(ShardWriter writer, Square square) {
    return writer.append(
        CanonicalEncoding.imageId(square.image()) + ".png",
        CanonicalEncoding.encode(square.image()));
  }

  private <T extends SpecificRecordBase> void send(Topic<T> topic, List<T> records) {
    try (KafkaProducer<String, T> producer = KafkaClients.producer(kafka, topic)) {
      for (T value : records) {
        var unused = producer.send(KafkaClients.message(kafka, topic, value));
      }
      producer.flush();
    }
  }
}
