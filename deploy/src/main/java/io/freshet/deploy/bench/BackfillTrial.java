package io.freshet.deploy.bench;

import io.freshet.deploy.backfill.BackfillStatus;
import io.freshet.deploy.node.Node;
import io.freshet.deploy.node.Role;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.PublishOutcome;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleaseAnnouncement;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.VisionTransformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A deployment of the feature job alone, with stored images that an earlier champion has described.
 * One owner thread; {@link #close} removes all of it.
 */
final class BackfillTrial implements AutoCloseable {
  private static final String CHAMPION = "champion";
  private static final String MODEL = "bench";
  private static final Duration LOOK = Duration.ofSeconds(2);

  /** Longest time without any progress. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Path directory;
  private final Node node;
  private final ModelRegistry registry;

  private BackfillTrial(Path directory, Node node, ModelRegistry registry) {
    this.directory = directory;
    this.node = node;
    this.registry = registry;
  }

  /**
   * Starts broker and job; the bundled model is champion.
   *
   * @param parent its state lies in a new directory there
   * @param batch images of a forward pass
   */
  static BackfillTrial start(Path parent, int batch) throws IOException {
    Path directory = Files.createTempDirectory(parent, "freshet-bench-backfill");
    Config config =
        Config.defaults()
            .with("broker.data_dir", directory.resolve("kafka").toString())
            .with("broker.port", "0")
            .with("flink.state_dir", directory.resolve("flink").toString())
            .with("blobs.dir", directory.resolve("blobs").toString())
            .with("registry.dir", directory.resolve("registry").toString())
            .with("features.files.dir", directory.resolve("features").toString())
            .with("features.batch_images", Integer.toString(batch));
    try {
      Node node = Node.start(config, EnumSet.of(Role.BROKER, Role.FEATURES));
      ModelRegistry registry =
          ModelRegistries.open(config.section("registry", RegistryConfig.class));
      registry.moveAlias(
          CHAMPION,
          new ModelVersion(EmbeddingSpace.BOOTSTRAP.model(), EmbeddingSpace.BOOTSTRAP.version()));
      return new BackfillTrial(directory, node, registry);
    } catch (RuntimeException e) {
      delete(directory);
      throw e;
    }
  }

  private KafkaConfig kafka() {
    return node.config().section("kafka", KafkaConfig.class);
  }

  /** Stores images and waits until each has its first feature. */
  void store(List<RgbImage> images, LongConsumer described) {
    List<UniqueImage> unique = new ArrayList<>();
    try (BlobStore blobs = BlobStores.open(node.config().section("blobs", BlobConfig.class));
        ShardWriter shard = blobs.openShard("bench")) {
      for (RgbImage image : images) {
        unique.add(stored(image, shard));
      }
      shard.sync();
    }
    try (TopicWriter<UniqueImage> topic = new TopicWriter<>(kafka(), Topics.IMAGE_UNIQUE)) {
      unique.forEach(topic::write);
    }
    long distinct = unique.stream().map(UniqueImage::getImageId).distinct().count();
    await(
        () -> new TopicReader<>(kafka(), Topics.IMAGE_FEATURE).count(),
        count -> count == distinct,
        described::accept);
  }

  private static UniqueImage stored(RgbImage image, ShardWriter shard) {
    String id = CanonicalEncoding.imageId(image);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return new UniqueImage(
        id.substring(0, 32),
        id,
        shard.append(id + ".png", CanonicalEncoding.encode(image)),
        image.width(),
        image.height(),
        id,
        null,
        new SourceUrls("https://bench.example/" + id, null, null),
        now,
        now,
        now);
  }

  /** Releases the model and makes it champion. */
  void promote(VisionTransformer model, int size) throws IOException {
    EmbedderSpec spec = EmbedderSpec.vit(size, size);
    Path staged = Files.createDirectory(directory.resolve("staged"));
    HuggingFaceDirectory.write(staged, model.config(), model.weights(), spec.preprocessing());
    PublishOutcome outcome =
        registry.publish(
            MODEL,
            staged,
            new Release(
                "vit",
                model.config().embedDim(),
                model.config().patchSize(),
                size,
                MODEL,
                0,
                0,
                List.of(),
                Map.of(),
                List.of(),
                spec.toMap(),
                "Apache-2.0"));
    if (!(outcome instanceof PublishOutcome.Published published)) {
      throw new IllegalStateException("the model was not published: " + outcome);
    }
    Manifest manifest = published.manifest();
    registry.moveAlias(CHAMPION, manifest.id());
    try (TopicWriter<ModelPublished> topic = new TopicWriter<>(kafka(), Topics.MODEL_PUBLISHED)) {
      topic.write(ReleaseAnnouncement.of(manifest, List.of(CHAMPION), Instant.now()));
    }
  }

  /** Orders a backfill of the champion and waits for its end. */
  BackfillStatus backfill(Consumer<BackfillStatus> progress) {
    ModelVersion champion = registry.resolve(CHAMPION).orElseThrow();
    try (TopicWriter<BackfillOrder> topic = new TopicWriter<>(kafka(), Topics.FEATURE_BACKFILL)) {
      topic.write(
          new BackfillOrder(
              champion.toString(), true, 0.0, Instant.now().truncatedTo(ChronoUnit.MICROS)));
    }
    long images = new TopicReader<>(kafka(), Topics.IMAGE_FEATURE).count();
    return await(
        () -> BackfillStatus.read(kafka()).orElseThrow(),
        status -> status.done() == images,
        progress);
  }

  /** Looks every two seconds, and gives up when what it sees stays the same for long. */
  private <V> V await(Supplier<V> look, Predicate<V> arrived, Consumer<V> progress) {
    Optional<V> before = Optional.empty();
    Instant changed = Instant.now();
    while (true) {
      V now = look.get();
      progress.accept(now);
      if (arrived.test(now)) {
        return now;
      }
      node.failure()
          .ifPresent(
              failure -> {
                throw new IllegalStateException("the feature job failed", failure);
              });
      if (!before.equals(Optional.of(now))) {
        before = Optional.of(now);
        changed = Instant.now();
      } else if (changed.plus(PATIENCE).isBefore(Instant.now())) {
        throw new IllegalStateException("no progress for %s at %s".formatted(PATIENCE, now));
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the feature job works", e);
    }
  }

  @Override
  public void close() {
    try {
      node.close();
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("left behind: " + directory, e);
    }
  }
}
