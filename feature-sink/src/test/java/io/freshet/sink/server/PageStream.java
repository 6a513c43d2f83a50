package io.freshet.sink.server;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DatasetFunnel;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Origin;
import io.freshet.schemas.PassReason;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the console's pages show in the tests: ten thousand images, whose texts are hostile, and a
 * little of everything else.
 */
final class PageStream {
  static final String HOSTILE =
      "\"><img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";

  /** The seed that two curated images were retrieved for; of a third nobody knows the seed. */
  static final String SEED = "5eed".repeat(16);

  private static final int IMAGES = 10_000;
  private static final int DUPLICATES = 12;
  private static final String SPACE = EmbeddingSpace.BOOTSTRAP.id();

  private final FreshetCluster cluster;
  private final Map<String, String> keptByDuplicate = new TreeMap<>();
  private Path picture;
  private String imageId;
  private ModelRegistry registry;

  private PageStream(FreshetCluster cluster) {
    this.cluster = cluster;
  }

  /** Writes all of it; returns when the broker has it. */
  static PageStream into(FreshetCluster cluster) throws IOException {
    PageStream stream = new PageStream(cluster);
    stream.fill();
    return stream;
  }

  /** The newest image, which alone has a feature. */
  String imageId() {
    return imageId;
  }

  /** A file with its pixels. */
  Path picture() {
    return picture;
  }

  ModelRegistry registry() {
    return registry;
  }

  /** Ids of the images that were kept, by those of their duplicates. */
  Map<String, String> keptByDuplicate() {
    return Map.copyOf(keptByDuplicate);
  }

  private void fill() throws IOException {
    RgbImage pixels = noise(3);
    imageId = CanonicalEncoding.imageId(pixels);
    byte[] png = CanonicalEncoding.encode(pixels);
    picture = Files.write(cluster.directory().resolve("asked.png"), png);
    BlobStore blobs = BlobStores.open(cluster.config().section("blobs", BlobConfig.class));
    BlobRef blob;
    try (ShardWriter shard = blobs.openShard("test")) {
      blob = shard.append(imageId + ".png", png);
      shard.sync();
    }
    Instant now = Instant.now();
    List<UniqueImage> images = new ArrayList<>();
    for (int i = 1; i < IMAGES; i++) {
      images.add(unique("%064x".formatted(i), blob, "image " + i + HOSTILE, now));
    }
    images.add(unique(imageId, blob, HOSTILE, now));
    cluster.produce(Topics.IMAGE_UNIQUE, images);
    cluster.produce(
        Topics.IMAGE_REJECTED,
        new RejectedImage(
            "r2",
            "javascript:window.hacked=1",
            "ingest",
            RejectionReason.URL_INVALID,
            HOSTILE,
            new Origin("crawl.pages", 0, 0L),
            now));
    for (int step = 0; step < 30; step++) {
      cluster.produce(Topics.TRAINING_STEP, step(step));
    }
    for (long window = 0; window < 4; window++) {
      cluster.produce(Topics.CURATION_WINDOW, window(window, now));
    }
    cluster.produce(
        Topics.SEED_REGISTERED,
        new SeedImage(SEED, blob, "photos", "cat", SeedRole.SEED, null, "cat.png", now));
    cluster.produce(
        Topics.IMAGE_CURATED,
        curated(1, SEED, blob, now),
        curated(2, "f".repeat(64), blob, now),
        curated(3, SEED, blob, now));
    cluster.produce(
        Topics.IMAGE_PASSED,
        passed(4, PassReason.OUTBID, SEED, now),
        passed(5, PassReason.FAR, SEED, now),
        passed(6, PassReason.UNREADABLE, null, now));
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      cluster.produce(
          Topics.IMAGE_FEATURE,
          new ImageFeature(
              imageId, Vectors.of(SPACE, embedder.embed(List.of(pixels))[0]), null, now, now));
    }
    duplicates(blobs, now);
    publish();
  }

  /** Of every method, each with pixels of its own. */
  private void duplicates(BlobStore blobs, Instant now) throws IOException {
    DuplicateMethod[] methods = DuplicateMethod.values();
    try (ShardWriter shard = blobs.openShard("duplicates")) {
      for (int i = 0; i < DUPLICATES; i++) {
        RgbImage pixels = noise(100 + i);
        String id = CanonicalEncoding.imageId(pixels);
        BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(pixels));
        shard.sync();
        String kept = "%064x".formatted(10 + i / 2); // Two of each.
        keptByDuplicate.put(id, kept);
        cluster.produce(
            Topics.IMAGE_DUPLICATE, duplicate(id, blob, kept, methods[i % methods.length], now));
      }
    }
  }

  private static DuplicateImage duplicate(
      String id, BlobRef blob, String kept, DuplicateMethod method, Instant now) {
    return new DuplicateImage(
        "r3",
        id,
        blob,
        kept,
        kept,
        method,
        method == DuplicateMethod.HASH ? 12 : 0.75f,
        method == DuplicateMethod.HASH ? 31 : 0.6f,
        method == DuplicateMethod.COPY_EMBEDDING ? SPACE : null,
        new SourceUrls("http://site/" + id, "http://site/", HOSTILE),
        now,
        now,
        method == DuplicateMethod.EXACT ? null : kept,
        method == DuplicateMethod.BENCHMARK ? "photos" : null);
  }

  private static UniqueImage unique(String id, BlobRef blob, String alt, Instant now) {
    return new UniqueImage(
        "r1",
        id,
        blob,
        64,
        48,
        id,
        null,
        new SourceUrls("javascript:window.hacked=1", "http://site/", alt),
        now,
        now,
        now);
  }

  private static CuratedImage curated(int number, String query, BlobRef blob, Instant now) {
    return new CuratedImage(
        "%064x".formatted(number),
        blob,
        "photos",
        CurationStrategy.SEED,
        query,
        0.5f,
        0,
        0L,
        SPACE,
        now,
        null);
  }

  private static PassedImage passed(int number, PassReason reason, String seed, Instant now) {
    return new PassedImage(
        "%064x".formatted(number),
        reason,
        seed == null ? null : "photos",
        seed,
        seed == null ? null : 0.25f,
        0.5f,
        0L,
        SPACE,
        now);
  }

  private static CurationWindow window(long number, Instant now) {
    return new CurationWindow(
        number,
        SPACE,
        128,
        0,
        0,
        List.of(new DatasetFunnel(HOSTILE, 10, 90, 40, 5)),
        0,
        List.of(60, 40, 28),
        number == 0 ? null : 0.1,
        number == 0 ? null : 0.2,
        now);
  }

  private static TrainingStep step(long number) {
    return new TrainingStep(
        "run",
        number,
        8 * number,
        List.of(),
        Map.of("total", 8.0 - 0.1 * number, "dino_local", 4.0, "ibot", 2.0),
        1e-3,
        0.04,
        0.99,
        0.04,
        Map.of("backbone", 1.0),
        number % 10 == 0 ? Map.of("rankme", 10.0 + number) : Map.of(),
        false,
        100.0,
        5.0,
        Instant.now());
  }

  private void publish() throws IOException {
    registry = ModelRegistries.open(cluster.config().section("registry", RegistryConfig.class));
    for (int version = 1; version <= 2; version++) {
      Path staged = Files.createDirectories(cluster.directory().resolve("staged" + version));
      Files.writeString(staged.resolve("weights.bin"), "weights " + version);
      registry.publish(
          "freshet",
          staged,
          PlainRelease.at(10L * version, Map.of("knn_top1/photos", 0.5 + 0.1 * version)));
    }
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
    // By name the last, by time the newest, yet not the champion's model.
    Path staged = Files.createDirectories(cluster.directory().resolve("staged-student"));
    Files.writeString(staged.resolve("weights.bin"), "weights of a student");
    registry.publish("student", staged, PlainRelease.at(30, STUDENT_METRICS));
  }

  /** Two families that are known, one of them with many sets, and one that isn't. */
  private static final Map<String, Double> STUDENT_METRICS =
      Stream.concat(
              IntStream.rangeClosed(1, 8).mapToObj(i -> Map.entry("logreg_top1/set" + i, 0.1 * i)),
              Stream.of(Map.entry("knn_top1/photos", 0.25), Map.entry("novel/photos", 3.0)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private static RgbImage noise(int seed) {
    byte[] rgb = new byte[3 * 64 * 48];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(64, 48, rgb);
  }
}
