package io.freshet.deploy.bench;

import io.freshet.deploy.backfill.BackfillStatus;
import io.freshet.deploy.node.Role;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.VisionTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * The feature job alone, with stored images that an earlier champion has described. One owner
 * thread.
 */
final class BackfillTrial implements AutoCloseable {
  private static final String CHAMPION = "champion";

  private final BenchDeployment deployment;

  private BackfillTrial(BenchDeployment deployment) {
    this.deployment = deployment;
  }

  /**
   * Starts broker and job; the bundled model is champion.
   *
   * @param parent its state lies in a new directory there
   * @param batch images of a forward pass
   * @param tasks that embed side by side
   */
  static BackfillTrial start(Path parent, int batch, int tasks) throws IOException {
    BenchDeployment deployment =
        BenchDeployment.start(
            parent,
            Role.FEATURES,
            Map.of(
                "features.batch_images", Integer.toString(batch),
                "flink.parallelism", Integer.toString(tasks)));
    deployment
        .registry()
        .moveAlias(
            CHAMPION,
            new ModelVersion(EmbeddingSpace.BOOTSTRAP.model(), EmbeddingSpace.BOOTSTRAP.version()));
    return new BackfillTrial(deployment);
  }

  /** Stores images and waits until each has its first feature. */
  void store(List<RgbImage> images, LongConsumer described) {
    List<UniqueImage> unique = deployment.store(images);
    try (TopicWriter<UniqueImage> topic =
        new TopicWriter<>(deployment.kafka(), Topics.IMAGE_UNIQUE)) {
      unique.forEach(topic::write);
    }
    long distinct = unique.stream().map(UniqueImage::getImageId).distinct().count();
    deployment.await(
        BenchDeployment.SOON,
        () -> new TopicReader<>(deployment.kafka(), Topics.IMAGE_FEATURE).count(),
        count -> count == distinct,
        described::accept);
  }

  /** Releases the model and makes it champion. */
  void promote(VisionTransformer model, int size) throws IOException {
    deployment.promote(model, size, CHAMPION);
  }

  /** Orders a backfill of the champion, which waits for {@link #goOn}. */
  void order() {
    ModelVersion champion = deployment.registry().resolve(CHAMPION).orElseThrow();
    order(new BackfillOrder(champion.toString(), false, 0.0, BenchDeployment.now()));
  }

  /**
   * Lets the backfill go on, and pauses it. Its words can be read with the checkpoint that follows
   * them.
   *
   * @param images that are done between the two words at least, if so many are left
   * @param progress told how many are done
   * @return images embedded a second between the two
   */
  double goOn(long images, LongConsumer progress) {
    BackfillStatus before = status();
    requireLeft(before);
    Instant resumed = BenchDeployment.now();
    order(BackfillOrder.newBuilder(before.order()).setRunning(true).build());
    // Words from before the pause may come only now.
    BackfillStatus from =
        await(status -> status.at().filter(resumed::isBefore).isPresent(), progress);
    BackfillStatus to =
        await(status -> status.ended() || status.done() >= from.done() + images, progress);
    order(BackfillOrder.newBuilder(before.order()).setRunning(false).build());
    BenchDeployment.pause(BenchDeployment.SOON);
    requireLeft(from);
    return to.imagesPerSecond(Optional.of(from)).orElseThrow();
  }

  private static void requireLeft(BackfillStatus status) {
    if (status.ended()) {
      throw new IllegalArgumentException(
          "no images are left for another turn: all %d are done; store more with --images"
              .formatted(status.images()));
    }
  }

  private BackfillStatus await(Predicate<BackfillStatus> arrived, LongConsumer progress) {
    return deployment.await(
        BenchDeployment.SOON, this::status, arrived, status -> progress.accept(status.done()));
  }

  BackfillStatus status() {
    return BackfillStatus.read(deployment.kafka()).orElseThrow();
  }

  private void order(BackfillOrder order) {
    try (TopicWriter<BackfillOrder> topic =
        new TopicWriter<>(deployment.kafka(), Topics.FEATURE_BACKFILL)) {
      topic.write(order);
    }
  }

  @Override
  public void close() {
    deployment.close();
  }
}
