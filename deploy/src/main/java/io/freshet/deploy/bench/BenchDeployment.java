package io.freshet.deploy.bench;

import io.freshet.deploy.node.Node;
import io.freshet.deploy.node.Role;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.PublishOutcome;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleaseAnnouncement;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.embed.EmbedderSpec;
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
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A broker and a job in this process, with all their state in a directory of their own. One owner
 * thread; {@link #close} removes all of it.
 */
final class BenchDeployment implements AutoCloseable {
  private static final String MODEL = "bench";

  /** Between two looks that need not be rare. */
  static final Duration SOON = Duration.ofSeconds(2);

  /** Between two looks at a job whose own records tell how fast it was. */
  static final Duration SELDOM = Duration.ofSeconds(8);

  /** Longest time without any progress. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Path directory;
  private final Node node;
  private final ModelRegistry registry;

  private BenchDeployment(Path directory, Node node) {
    this.directory = directory;
    this.node = node;
    this.registry = ModelRegistries.open(node.config().section("registry", RegistryConfig.class));
  }

  /**
   * Starts broker and job.
   *
   * @param parent its state lies in a new directory there
   */
  static BenchDeployment start(Path parent, Role job, Map<String, String> settings)
      throws IOException {
    Path directory = Files.createTempDirectory(parent, "freshet-bench");
    Config config =
        Config.defaults()
            .with("broker.data_dir", directory.resolve("kafka").toString())
            .with("broker.port", "0")
            .with("flink.state_dir", directory.resolve("flink").toString())
            .with("blobs.dir", directory.resolve("blobs").toString())
            .with("registry.dir", directory.resolve("registry").toString())
            .with("features.files.dir", directory.resolve("features").toString())
            .with(settings);
    try {
      return new BenchDeployment(directory, Node.start(config, EnumSet.of(Role.BROKER, job)));
    } catch (RuntimeException e) {
      delete(directory);
      throw e;
    }
  }

  KafkaConfig kafka() {
    return node.config().section("kafka", KafkaConfig.class);
  }

  ModelRegistry registry() {
    return registry;
  }

  /** Stores images, durably, each as a unique image of its own that was decided now. */
  List<UniqueImage> store(List<RgbImage> images) {
    List<UniqueImage> stored = new ArrayList<>();
    try (BlobStore blobs = BlobStores.open(node.config().section("blobs", BlobConfig.class));
        ShardWriter shard = blobs.openShard("bench")) {
      for (RgbImage image : images) {
        String id = CanonicalEncoding.imageId(image);
        BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(image));
        stored.add(unique(id, blob, image));
      }
      shard.sync();
    }
    return stored;
  }

  private static UniqueImage unique(String id, BlobRef blob, RgbImage image) {
    Instant now = now();
    return new UniqueImage(
        id.substring(0, 32),
        id,
        blob,
        image.width(),
        image.height(),
        id,
        null,
        new SourceUrls("https://bench.example/" + id, null, null),
        now,
        now,
        now);
  }

  /** As precisely as records tell it. */
  static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  /** Releases the model, points an alias at it and announces it. */
  void promote(VisionTransformer model, int size, String alias) throws IOException {
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
    registry.moveAlias(alias, manifest.id());
    try (TopicWriter<ModelPublished> topic = new TopicWriter<>(kafka(), Topics.MODEL_PUBLISHED)) {
      topic.write(ReleaseAnnouncement.of(manifest, List.of(alias), Instant.now()));
    }
  }

  /**
   * Looks again and again, and gives up when what it sees stays the same for long.
   *
   * @param pause between two looks: one that reads topics takes hundredths of a second from the job
   */
  <V> V await(Duration pause, Supplier<V> look, Predicate<V> arrived, Consumer<V> progress) {
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
                throw new IllegalStateException("the job failed", failure);
              });
      if (!before.equals(Optional.of(now))) {
        before = Optional.of(now);
        changed = Instant.now();
      } else if (changed.plus(PATIENCE).isBefore(Instant.now())) {
        throw new IllegalStateException("no progress for %s at %s".formatted(PATIENCE, now));
      }
      pause(pause);
    }
  }

  static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the job works", e);
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
