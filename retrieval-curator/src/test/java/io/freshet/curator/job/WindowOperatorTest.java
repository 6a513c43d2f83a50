package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.bootstrap.BootstrapModel;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.Config;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowOperatorTest {
  private static final int WINDOW = 6;
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

  @TempDir static Path directory;
  private static Config config;
  private static final List<SeedImage> SEEDS = new ArrayList<>();
  private static final List<UniqueImage> IMAGES = new ArrayList<>();
  private static Vector seedVector;

  private KeyedTwoInputStreamOperatorTestHarness<Integer, UniqueImage, WindowChange, CuratedImage>
      harness;

  @BeforeAll
  static void storesImages() {
    config =
        Config.defaults()
            .with("blobs.dir", directory.resolve("blobs").toString())
            .with("registry.dir", directory.resolve("registry").toString())
            .with("curator.window_images", Integer.toString(WINDOW))
            .with("curator.plan.samples_per_seed", "20");
    BootstrapModel.ensurePublished(
        ModelRegistries.open(config.section("registry", RegistryConfig.class)));
    BlobStore blobs = BlobStores.open(config.section("blobs", BlobConfig.class));
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap();
        ShardWriter shard = blobs.openShard("test")) {
      for (int i = 0; i < 2 + 2 * WINDOW; i++) {
        RgbImage image = Photos.square(Photos.photo(Photos.FILES.get(i % 4)), i / 4);
        String id = CanonicalEncoding.imageId(image);
        BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(image));
        Vector vector = Vectors.of(embedder.space().id(), embedder.embed(List.of(image))[0]);
        if (i < 2) {
          SEEDS.add(new SeedImage(id, blob, "set" + i, "", SeedRole.SEED, null, "file" + i, NOW));
          seedVector = vector;
        } else {
          IMAGES.add(unique(i, id, blob, vector));
        }
      }
      shard.sync();
    }
  }

  private static UniqueImage unique(int i, String id, BlobRef blob, Vector vector) {
    SourceUrls source = new SourceUrls("http://site/" + i, null, null);
    return new UniqueImage("request" + i, id, blob, 96, 96, id, vector, source, NOW, NOW, NOW);
  }

  @BeforeEach
  void open() throws Exception {
    harness = newHarness();
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void curatesAllThatAnySeedAsksForOnce() throws Exception {
    register(0, 10);
    register(1, 11);
    offer(0, WINDOW);
    assertEquals(ids(0, WINDOW), curatedIds());
    assertEquals(WINDOW, harness.extractOutputValues().size(), "an image is curated once");
    CurationWindow report = reports().get(0);
    assertEquals(WINDOW, report.getImages());
    assertEquals(2, report.getFunnels().size());
  }

  @Test
  void dropsWhatIsRetractedOrRevokedBeforeAndAfterItCame() throws Exception {
    register(0, 10);
    change(WindowChange.retracted(retraction(IMAGES.get(0))));
    change(WindowChange.revoked(revocation("http://site/3"))); // image 1
    offer(0, 4);
    change(WindowChange.retracted(retraction(IMAGES.get(2))));
    change(WindowChange.revoked(revocation(IMAGES.get(3).getSource().getImageUrl())));
    offer(4, WINDOW + 4);
    offer(0, 1);
    assertEquals(ids(4, WINDOW + 4), curatedIds());
    assertEquals(4, reports().get(0).getWithdrawn());
  }

  @Test
  void asksNoSeedThatWasWithdrawn() throws Exception {
    register(0, 10);
    register(1, 11);
    change(WindowChange.withdrawn(origin(12), key(0)));
    register(0, 10); // What was overtaken by its own tombstone.
    offer(0, WINDOW);
    Set<String> datasets =
        harness.extractOutputValues().stream()
            .map(CuratedImage::getDataset)
            .collect(Collectors.toSet());
    assertEquals(Set.of("set1"), datasets);
  }

  @Test
  void takesASeedBackThatIsRegisteredAgain() throws Exception {
    register(0, 10);
    change(WindowChange.withdrawn(origin(11), key(0)));
    offer(0, WINDOW);
    assertTrue(harness.extractOutputValues().isEmpty(), "no seed, no window");
    register(0, 12);
    offer(WINDOW, WINDOW + 1);
    assertEquals(ids(0, WINDOW + 1), curatedIds());
  }

  @Test
  void cutsWhatWaitedForASeedIntoWindows() throws Exception {
    offer(0, 2 * WINDOW - 1);
    register(0, 10);
    offer(2 * WINDOW - 1, 2 * WINDOW);
    assertEquals(ids(0, 2 * WINDOW), curatedIds());
    assertEquals(
        List.of(WINDOW, WINDOW), reports().stream().map(CurationWindow::getImages).toList());
  }

  /** The seed's own vector under another space's name would have a cosine of 1. */
  @Test
  void comparesNoVectorOfAnotherSpace() throws Exception {
    register(1, 10);
    Vector foreign = Vectors.of("other@1/features/l2", Vectors.toFloats(seedVector));
    for (UniqueImage image : IMAGES.subList(0, WINDOW)) {
      offer(UniqueImage.newBuilder(image).setCopyEmbedding(foreign).build());
    }
    Map<String, Vector> own =
        IMAGES.stream()
            .collect(Collectors.toMap(UniqueImage::getImageId, i -> i.getCopyEmbedding()));
    assertEquals(WINDOW, harness.extractOutputValues().size());
    for (CuratedImage image : harness.extractOutputValues()) {
      assertEquals(
          Vectors.cosine(seedVector, own.get(image.getImageId())), image.getSimilarity(), 1e-4);
    }
  }

  @Test
  void goesOnInTheMiddleOfAWindow() throws Exception {
    register(0, 10);
    register(1, 11);
    offer(0, WINDOW);
    List<CuratedImage> uninterrupted = withoutTime(harness.extractOutputValues());

    harness.close();
    harness = newHarness();
    harness.open();
    register(0, 10);
    offer(0, 3);
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    harness = newHarness();
    harness.initializeState(snapshot);
    harness.open();
    register(1, 11);
    for (int i = WINDOW - 1; i >= 3; i--) {
      offer(i, i + 1);
    }
    assertEquals(uninterrupted, withoutTime(harness.extractOutputValues()));
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          Integer, UniqueImage, WindowChange, CuratedImage>
      newHarness() throws Exception {
    WindowOperator operator =
        new WindowOperator(
            config.section("curator", CuratorConfig.class),
            config.section("blobs", BlobConfig.class),
            config.section("registry", RegistryConfig.class));
    return new KeyedTwoInputStreamOperatorTestHarness<>(
        new KeyedCoProcessOperator<>(operator), image -> 0, change -> 0, Types.INT);
  }

  private void register(int seed, long offset) throws Exception {
    change(WindowChange.registered(origin(offset), SEEDS.get(seed)));
  }

  private void change(WindowChange change) throws Exception {
    harness.processElement2(change, 0);
  }

  private void offer(int from, int to) throws Exception {
    for (UniqueImage image : IMAGES.subList(from, to)) {
      offer(image);
    }
  }

  private void offer(UniqueImage image) throws Exception {
    harness.processElement1(image, 0);
  }

  private Set<String> curatedIds() {
    return harness.extractOutputValues().stream()
        .map(CuratedImage::getImageId)
        .collect(Collectors.toSet());
  }

  private List<CurationWindow> reports() {
    return harness.getSideOutput(WindowOperator.REPORTS).stream()
        .map(record -> record.getValue())
        .toList();
  }

  private static Set<String> ids(int from, int to) {
    return IMAGES.subList(from, to).stream()
        .map(UniqueImage::getImageId)
        .collect(Collectors.toSet());
  }

  private static List<CuratedImage> withoutTime(List<CuratedImage> images) {
    return images.stream()
        .map(image -> CuratedImage.newBuilder(image).setCuratedAt(NOW).build())
        .toList();
  }

  private static String key(int seed) {
    return Topics.SEED_REGISTERED.key().of(SEEDS.get(seed));
  }

  private static Origin origin(long offset) {
    return new Origin("seed.registered", 0, offset);
  }

  private static RetractedImage retraction(UniqueImage image) {
    return new RetractedImage(image.getImageId(), null, RetractionCause.MERGED, NOW);
  }

  private static Revocation revocation(String target) {
    return new Revocation(target, "opt-out", NOW);
  }
}
