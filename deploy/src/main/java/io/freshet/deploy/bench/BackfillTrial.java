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
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

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
   */
  static BackfillTrial start(Path parent, int batch) throws IOException {
    BenchDeployment deployment =
        BenchDeployment.start(
            parent, Role.FEATURES, Map.of("features.batch_images", Integer.toString(batch)));
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

  /** Orders a backfill of the champion and waits for its end. */
  BackfillStatus backfill(Consumer<BackfillStatus> progress) {
    ModelVersion champion = deployment.registry().resolve(CHAMPION).orElseThrow();
    try (TopicWriter<BackfillOrder> topic =
        new TopicWriter<>(deployment.kafka(), Topics.FEATURE_BACKFILL)) {
      topic.write(new BackfillOrder(champion.toString(), true, 0.0, BenchDeployment.now()));
    }
    long images = new TopicReader<>(deployment.kafka(), Topics.IMAGE_FEATURE).count();
    return deployment.await(
        BenchDeployment.SELDOM,
        () -> BackfillStatus.read(deployment.kafka()).orElseThrow(),
        status -> status.done() == images,
        progress);
  }

  @Override
  public void close() {
    deployment.close();
  }
}
