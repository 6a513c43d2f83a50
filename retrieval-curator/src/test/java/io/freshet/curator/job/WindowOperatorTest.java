package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.function.BooleanSupplier;
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
  private static final String OLD_SPACE = "bootstrap@1/features/l2";
  private static final String NEW_SPACE = "next@2/features/l2";
  private static final List<WindowChange> SEEDS_OF_TOPIC = new ArrayList<>();
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
      for (int i = 0; i < 2 + 3 * WINDOW; i++) {
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
    MovableAlias.moveTo(OLD_SPACE);
    SEEDS_OF_TOPIC.clear();
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
    awaitWindows(1);
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
    awaitWindows(1);
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
    awaitWindows(1);
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
    awaitWindows(1);
    assertEquals(ids(0, WINDOW), curatedIds());
  }

  @Test
  void cutsWhatWaitedForASeedIntoWindows() throws Exception {
    offer(0, 2 * WINDOW - 1);
    register(0, 10);
    offer(2 * WINDOW - 1, 2 * WINDOW);
    awaitWindows(2);
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
      offer(withVector(image, foreign));
    }
    awaitWindows(1);
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
    awaitWindows(1);
    List<CuratedImage> uninterrupted = withoutTime(harness.extractOutputValues());

    harness.close();
    harness = newHarness();
    harness.open();
    register(0, 10);
    offer(0, 3);
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    restore(snapshot);
    register(1, 11);
    for (int i = WINDOW - 1; i >= 3; i--) {
      offer(i, i + 1);
    }
    awaitWindows(1);
    assertEquals(uninterrupted, withoutTime(harness.extractOutputValues()));
  }

  /** The seeds in the new space are held back; windows go on with those in the old one. */
  @Test
  void curatesInTheOldSpaceUntilTheSeedsAreEmbeddedInTheNew() throws Exception {
    curateFirstWindow();

    MovableAlias.moveTo(NEW_SPACE);
    MovableAlias.hold();
    offer(inNewSpace(WINDOW, 2 * WINDOW)); // Full, but its seeds aren't there.
    offer(2 * WINDOW, 3 * WINDOW);
    awaitWindows(2);
    assertEquals(List.of(OLD_SPACE, OLD_SPACE), spaces());

    MovableAlias.release();
    awaitWindows(3);
    assertEquals(List.of(OLD_SPACE, OLD_SPACE, NEW_SPACE), spaces());
    Set<String> inNewSpace = ids(WINDOW, 2 * WINDOW);
    for (CuratedImage image : harness.extractOutputValues()) {
      assertEquals(
          inNewSpace.contains(image.getImageId()) ? NEW_SPACE : OLD_SPACE, image.getSpaceId());
    }
    assertEquals(ids(0, 3 * WINDOW), curatedIds());
  }

  @Test
  void closesTheOpenWindowOfTheOldSpaceWhenTheNewTakesOver() throws Exception {
    curateFirstWindow();
    offer(WINDOW, WINDOW + 2);
    MovableAlias.moveTo(NEW_SPACE);
    offer(inNewSpace(WINDOW + 2, 2 * WINDOW + 2));
    awaitWindows(3);
    assertEquals(
        List.of(WINDOW, 2, WINDOW), reports().stream().map(CurationWindow::getImages).toList());
    assertEquals(List.of(OLD_SPACE, OLD_SPACE, NEW_SPACE), spaces());
  }

  @Test
  void asksNoSeedThatIsWithdrawnWhileOthersAreEmbedded() throws Exception {
    curateFirstWindow();
    MovableAlias.moveTo(NEW_SPACE);
    MovableAlias.hold();
    offer(inNewSpace(2 * WINDOW, 2 * WINDOW + 1)); // Has the worker turn to the new space.
    change(WindowChange.withdrawn(origin(12), key(0)));
    offer(WINDOW, 2 * WINDOW);
    try {
      harness.setProcessingTime(harness.getProcessingTime() + 100); // Begins to wait ...
      harness.setProcessingTime(harness.getProcessingTime() + 60_000); // ... and has waited.
      awaitWindows(2);
    } finally {
      MovableAlias.release();
    }
    assertEquals(
        List.of("set1"), reports().get(1).getFunnels().stream().map(f -> f.getDataset()).toList());
    assertEquals(OLD_SPACE, reports().get(1).getSpaceId());
  }

  /** As of a version that kept the seeds elsewhere: their records were read, the state has none. */
  @Test
  void readsTheSeedsAgainThatACheckpointLacks() throws Exception {
    offer(0, 3);
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    SEEDS_OF_TOPIC.add(WindowChange.registered(origin(10), SEEDS.get(0)));
    restore(snapshot);
    offer(3, WINDOW);
    awaitWindows(1);
    assertEquals(ids(0, WINDOW), curatedIds());
  }

  @Test
  void keepsWhatIsNewerThanTheTopicWasWhenItWasReadAgain() throws Exception {
    register(0, 10);
    register(1, 11);
    change(WindowChange.withdrawn(origin(13), key(0)));
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    SEEDS_OF_TOPIC.add(WindowChange.registered(origin(10), SEEDS.get(0)));
    SEEDS_OF_TOPIC.add(WindowChange.registered(origin(11), SEEDS.get(1)));
    restore(snapshot);
    offer(0, WINDOW);
    awaitWindows(1);
    assertEquals(
        List.of("set1"), reports().get(0).getFunnels().stream().map(f -> f.getDataset()).toList());
  }

  @Test
  void embedsNoSeedAgainThatTheCheckpointHasInThisSpace() throws Exception {
    curateFirstWindow();
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    MovableAlias.embedded = 0;
    restore(snapshot);
    offer(WINDOW, 2 * WINDOW);
    awaitWindows(1);
    assertEquals(0, MovableAlias.embedded);
  }

  @Test
  void waitsForAModelThatCantBeHadAndLosesNothing() throws Exception {
    MovableAlias.lose();
    curateNothingYet();
    MovableAlias.moveTo(OLD_SPACE);
    awaitWindows(1);
    assertEquals(ids(0, WINDOW), curatedIds());
  }

  private void curateNothingYet() throws Exception {
    register(0, 10);
    register(1, 11);
    offer(0, WINDOW);
    for (int i = 0; i < 10; i++) {
      harness.setProcessingTime(harness.getProcessingTime() + 100);
      Thread.sleep(10);
    }
    assertTrue(harness.extractOutputValues().isEmpty(), "there is no model to embed seeds with");
  }

  @Test
  void goesOnInTheOldSpaceWhileTheNewModelCantBeHad() throws Exception {
    curateFirstWindow();
    MovableAlias.lose();
    offer(inNewSpace(WINDOW, 2 * WINDOW)); // Another task could have it.
    awaitWindows(2);
    assertEquals(List.of(OLD_SPACE, OLD_SPACE), spaces());
    assertEquals(ids(0, 2 * WINDOW), curatedIds());
  }

  @Test
  void failsWhenTheSeedsCantBePrepared() throws Exception {
    MovableAlias.moveTo("");
    register(0, 10);
    Exception failure =
        assertThrows(
            Exception.class,
            () -> {
              offer(0, WINDOW); // A window that is due keeps looking.
              awaitWindows(1);
            });
    assertTrue(
        failure.getMessage().contains("the seeds can't be prepared: no alias"), "" + failure);
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          Integer, UniqueImage, WindowChange, CuratedImage>
      newHarness() throws Exception {
    WindowOperator operator =
        new WindowOperator(
            config.section("curator", CuratorConfig.class),
            () -> new MovableAlias(config),
            () -> List.copyOf(SEEDS_OF_TOPIC));
    return new KeyedTwoInputStreamOperatorTestHarness<>(
        new KeyedCoProcessOperator<>(operator), image -> 0, change -> 0, Types.INT);
  }

  private void restore(OperatorSubtaskState snapshot) throws Exception {
    harness = newHarness();
    harness.initializeState(snapshot);
    harness.open();
  }

  private void curateFirstWindow() throws Exception {
    register(0, 10);
    register(1, 11);
    offer(0, WINDOW);
    awaitWindows(1);
  }

  private List<String> spaces() {
    return reports().stream().map(CurationWindow::getSpaceId).toList();
  }

  /** Lets time pass, far less than a window's age, until so many windows are closed. */
  private void awaitWindows(int windows) throws Exception {
    await(
        () -> harness.getSideOutput(WindowOperator.REPORTS) != null && reports().size() >= windows);
  }

  private void await(BooleanSupplier condition) throws Exception {
    for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
      harness.setProcessingTime(harness.getProcessingTime() + 100);
      Thread.sleep(10);
    }
    assertTrue(condition.getAsBoolean(), "in time");
  }

  private static UniqueImage withVector(UniqueImage image, Vector vector) {
    return UniqueImage.newBuilder(image).setCopyEmbedding(vector).build();
  }

  private static List<UniqueImage> inNewSpace(int from, int to) {
    return IMAGES.subList(from, to).stream()
        .map(
            image ->
                withVector(
                    image, Vectors.of(NEW_SPACE, Vectors.toFloats(image.getCopyEmbedding()))))
        .toList();
  }

  private void offer(List<UniqueImage> images) throws Exception {
    for (UniqueImage image : images) {
      offer(image);
    }
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
    return RetractedImage.newBuilder()
        .setImageId(image.getImageId())
        .setCause(RetractionCause.MERGED)
        .setAt(NOW)
        .build();
  }

  private static Revocation revocation(String target) {
    return new Revocation(target, "opt-out", NOW);
  }
}
