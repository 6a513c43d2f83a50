package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.config.Config;
import io.freshet.platform.flink.JobContext;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.RetentionPolicy;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BackfillProgress;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.PatchFeature;
import io.freshet.schemas.PatchFeatures;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.VectorType;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.embed.PatchEmbedder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Withdrawals between features, champions, restarts and late records. */
@SuppressWarnings("try") // A harness closes with any exception.
class FeatureOperatorTest {
  private static final int IMAGES = 5;
  private static final Instant ORDERED = Instant.parse("2026-11-27T12:00:00Z");

  @TempDir private Path temp;
  private Config config;
  private List<UniqueImage> images;
  private List<ModelPublished> champions;
  private long now;

  @BeforeEach
  void publishAndStore() throws Exception {
    config =
        Config.defaults()
            .with("registry.dir", temp.resolve("registry").toString())
            .with("blobs.dir", temp.resolve("blobs").toString());
    images =
        TestImages.store(
            config.section("blobs", BlobConfig.class),
            IntStream.range(0, IMAGES).mapToObj(TestImages::picture).toList());
    champions = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      champions.add(
          TestReleases.announcement(
              TestReleases.publish(
                  ModelRegistries.open(config.section("registry", RegistryConfig.class)), temp),
              List.of("champion")));
    }
  }

  @Test
  void erasesAFeatureInEverySpaceItWasWrittenIn() throws Exception {
    UniqueImage image = images.get(0);
    try (Harness harness = open(null)) {
      champion(harness, 0);
      embed(harness, image);
      champion(harness, 1);
      embed(harness, image);
      harness.processElement(Either.Left(image.getImageId()), 0);
      assertEquals(
          List.of(
              "+" + image.getImageId() + "|freshet@1/features/l2",
              "+" + image.getImageId() + "|freshet@2/features/l2",
              "-" + image.getImageId() + "|freshet@1/features/l2",
              "-" + image.getImageId() + "|freshet@2/features/l2"),
          changes(harness));
    }
  }

  /** As when a job starts without state and the topic keeps a later candidate's announcement. */
  @Test
  void theAliasOfTheRegistryCountsUntilAnAnnouncementIsHeard() throws Exception {
    try (Harness harness = open(null)) {
      embed(harness, images.get(0));
      assertEquals(List.of(), changes(harness));
      ModelRegistries.open(config.section("registry", RegistryConfig.class))
          .moveAlias("champion", new ModelVersion("freshet", 2));
      advance(harness);
      champion(harness, 0);
      embed(harness, images.get(1));
      assertEquals(
          List.of(
              "+" + images.get(0).getImageId() + "|freshet@2/features/l2",
              "+" + images.get(1).getImageId() + "|freshet@1/features/l2"),
          changes(harness));
    }
  }

  /** As when a job comes back with a champion of long ago. */
  @Test
  void anAnnouncedReleaseThatIsGoneGivesWayToTheAlias() throws Exception {
    ModelRegistry registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    registry.moveAlias("champion", new ModelVersion("freshet", 2));
    registry.removeGarbage(new RetentionPolicy(false, 1, Duration.ZERO, Duration.ofDays(1)));
    try (Harness harness = open(null)) {
      champion(harness, 0);
      embed(harness, images.get(0));
      assertEquals(
          List.of("+" + images.get(0).getImageId() + "|freshet@2/features/l2"), changes(harness));
    }
  }

  @Test
  void refusesAReleaseThatIsNotTheOneAnnounced() throws Exception {
    ModelPublished swapped =
        ModelPublished.newBuilder(champions.get(0))
            .setManifestSha256(champions.get(1).getManifestSha256())
            .build();
    try (Harness harness = open(null)) {
      harness.processBroadcastElement(Either.Left(swapped), 0);
      embed(harness, images.get(0));
      assertEquals(List.of(), changes(harness));
      champion(harness, 0);
      advance(harness);
      assertEquals(List.of(feature(images.get(0), 1)), changes(harness), "it had waited");
    }
  }

  @Test
  void theChampionBeforeGoesOnWhileTheNewOneIsAlteredUntilItIsRestored() throws Exception {
    Path file =
        temp.resolve("registry/models/freshet/versions/2/" + ImageEmbedders.bootstrapSpec().file());
    byte[] weights = Files.readAllBytes(file);
    try (Harness harness = open(null)) {
      champion(harness, 0);
      embed(harness, images.get(0));
      byte[] altered = weights.clone();
      altered[weights.length / 2] ^= 1;
      overwrite(file, altered);
      champion(harness, 1);
      order(harness, "freshet@2", true, 0, ORDERED);
      embed(harness, images.get(1));
      harness.processElement(Either.Left(images.get(0).getImageId()), 0);
      assertEquals(
          List.of(
              feature(images.get(0), 1),
              feature(images.get(1), 1),
              "-" + images.get(0).getImageId() + "|freshet@1/features/l2"),
          changes(harness));
      harness.getOutput().clear();

      overwrite(file, weights);
      advance(harness);
      assertEquals(
          List.of(feature(images.get(1), 2)),
          changes(harness),
          "the backfill that had been ordered for it");
      embed(harness, images.get(2));
      assertEquals(List.of(feature(images.get(1), 2), feature(images.get(2), 2)), changes(harness));
    }
  }

  @Test
  void theChampionBeforeGoesOnWhileTheAliasLeadsToWhatWasAltered() throws Exception {
    ModelRegistry registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
    try (Harness harness = open(null)) {
      embed(harness, images.get(0));
      registry.moveAlias("champion", new ModelVersion("freshet", 2));
      Path manifest = temp.resolve("registry/models/freshet/versions/2/manifest.json");
      overwrite(manifest, "{}".getBytes(StandardCharsets.UTF_8));
      embed(harness, images.get(1));
      assertEquals(List.of(feature(images.get(0), 1), feature(images.get(1), 1)), changes(harness));
    }
  }

  /** A file of a release, which is read-only. */
  private static void overwrite(Path file, byte[] content) throws IOException {
    Files.delete(file);
    Files.write(file, content);
  }

  @Test
  void writesNoFeatureOfAWaitingImageThatIsWithdrawn() throws Exception {
    try (Harness harness = open(null)) {
      harness.processElement(Either.Right(images.get(0)), 0);
      harness.processElement(Either.Left(images.get(0).getImageId()), 0);
      champion(harness, 0);
      advance(harness);
      assertEquals(List.of(), changes(harness));
    }
  }

  @Test
  void remembersWithdrawalsAcrossARestart() throws Exception {
    OperatorSubtaskState snapshot;
    try (Harness harness = open(null)) {
      champion(harness, 0);
      embed(harness, images.get(0));
      harness.processElement(Either.Left(images.get(1).getImageId()), 0);
      snapshot = harness.snapshot(1, now);
    }
    try (Harness harness = open(snapshot)) {
      embed(harness, images.get(1));
      harness.processElement(Either.Left(images.get(0).getImageId()), 0);
      embed(harness, images.get(0));
      assertEquals(
          List.of("-" + images.get(0).getImageId() + "|freshet@1/features/l2"), changes(harness));
    }
  }

  @Test
  void aBackfillWritesWhatTheNewSpaceLacksNewestFirstAndOnce() throws Exception {
    try (Harness harness = open(null)) {
      champion(harness, 0);
      for (int i = 0; i < 4; i++) {
        embed(harness, images.get(i));
      }
      harness.processElement(Either.Left(images.get(1).getImageId()), 0);
      champion(harness, 1);
      embed(harness, images.get(4));
      harness.getOutput().clear();

      order(harness, "freshet@1", true, 0, ORDERED);
      advance(harness);
      assertEquals(List.of(), changes(harness), "an order for another release than the champion");

      order(harness, "freshet@2", true, 0, ORDERED);
      advance(harness);
      assertEquals(
          List.of(feature(images.get(3), 2), feature(images.get(2), 2), feature(images.get(0), 2)),
          changes(harness));
      BackfillProgress end = newest(harness);
      assertEquals(5, end.getImages());
      assertEquals(3, end.getEmbedded());
      assertEquals(2, end.getPassedOver());

      order(harness, "freshet@2", true, 0, ORDERED.plusSeconds(1));
      advance(harness);
      assertEquals(3, changes(harness).size(), "what has its feature is not written again");
      assertEquals(5, newest(harness).getPassedOver());
    }
  }

  @Test
  void aBackfillKeepsItsRateItsPauseAndItsPlaceAcrossARestart() throws Exception {
    config = config.with("features.batch_images", "1").with("features.buckets", "1");
    OperatorSubtaskState snapshot;
    try (Harness harness = open(null)) {
      champion(harness, 0);
      for (UniqueImage image : images) {
        embed(harness, image);
      }
      harness.getOutput().clear();
      champion(harness, 1);
      order(harness, "freshet@2", true, 0.01, ORDERED);
      advance(harness);
      assertEquals(List.of(feature(images.get(4), 2)), changes(harness), "one in 100 s");
      advance(harness);
      advance(harness);
      assertEquals(2, changes(harness).size());
      order(harness, "freshet@2", false, 0, ORDERED);
      advance(harness);
      advance(harness);
      assertEquals(2, changes(harness).size(), "paused");
      snapshot = harness.snapshot(1, now);
    }
    try (Harness harness = open(snapshot)) {
      advance(harness);
      assertEquals(List.of(), changes(harness), "still paused");
      order(harness, "freshet@2", true, 0, ORDERED);
      advance(harness);
      assertEquals(
          List.of(feature(images.get(2), 2), feature(images.get(1), 2), feature(images.get(0), 2)),
          changes(harness));
      assertEquals(5, newest(harness).getEmbedded());
    }
  }

  @Test
  void whatComesLiveGoesBeforeABackfill() throws Exception {
    config = config.with("features.batch_images", "1");
    try (Harness harness = open(null)) {
      champion(harness, 0);
      for (int i = 0; i < 3; i++) {
        embed(harness, images.get(i));
      }
      harness.getOutput().clear();
      champion(harness, 1);
      order(harness, "freshet@2", true, 0, ORDERED);
      harness.processElement(Either.Right(images.get(3)), 0);
      harness.processElement(Either.Right(images.get(4)), 0);
      advance(harness);
      advance(harness);
      List<String> changes = changes(harness);
      assertEquals(5, changes.size());
      assertEquals(
          Set.of(feature(images.get(3), 2), feature(images.get(4), 2)),
          Set.copyOf(changes.subList(0, 2)));
      assertEquals(feature(images.get(2), 2), changes.get(2));
    }
  }

  @Test
  void writesThePatchesOfNamedModelsAndErasesThem() throws Exception {
    config = config.with("features.patches.models", "[freshet]");
    ModelPublished transformer = publishTransformer();
    String image = images.get(0).getImageId();
    OperatorSubtaskState snapshot;
    try (Harness harness = open(null)) {
      champion(harness, 0);
      embed(harness, images.get(1));
      assertEquals(List.of(), patches(harness), "the bundled model gives none");
      harness.processBroadcastElement(Either.Left(transformer), 0);
      embed(harness, images.get(0));
      PatchFeature feature = patches(harness).get(0).right();
      assertEquals(image + "|freshet@3/patch/none", Topics.IMAGE_PATCH_FEATURE.key().of(feature));
      assertEquals(4, feature.getRows());
      assertEquals(4, feature.getColumns());
      assertEquals(VectorType.FLOAT16, feature.getDtype());
      assertAreTheModels(feature, harness.extractOutputValues().get(1).right());
      snapshot = harness.snapshot(1, now);
    }
    try (Harness harness = open(snapshot)) {
      harness.processElement(Either.Left(image), 0);
      embed(harness, images.get(0));
      assertEquals(List.of(Either.Left(image + "|freshet@3/patch/none")), patches(harness));
      assertEquals(List.of("-" + image + "|freshet@3/cls/l2"), changes(harness));
    }
  }

  @Test
  void aBackfillAddsPatchesThatNobodyWantedBefore() throws Exception {
    ModelPublished transformer = publishTransformer();
    OperatorSubtaskState snapshot;
    try (Harness harness = open(null)) {
      harness.processBroadcastElement(Either.Left(transformer), 0);
      embed(harness, images.get(0));
      embed(harness, images.get(1));
      harness.processElement(Either.Left(images.get(1).getImageId()), 0);
      assertEquals(List.of(), patches(harness));
      snapshot = harness.snapshot(1, now);
    }
    config = config.with("features.patches.models", "[other, freshet]");
    try (Harness harness = open(snapshot)) {
      order(harness, "freshet@3", true, 0, ORDERED);
      advance(harness);
      assertEquals(1, patches(harness).size());
      assertEquals(images.get(0).getImageId(), patches(harness).get(0).right().getImageId());
      assertEquals(1, newest(harness).getEmbedded());
      order(harness, "freshet@3", true, 0, ORDERED.plusSeconds(1));
      advance(harness);
      assertEquals(1, patches(harness).size(), "what has them is passed over");
    }
  }

  @Test
  void patchesBeyondTheLimitAreNotWrittenButTheFeatureIs() throws Exception {
    ModelPublished transformer = publishTransformer();
    for (String limit : List.of("255B", "256B")) {
      config =
          config
              .with("features.patches.models", "[freshet]")
              .with("features.patches.max_size", limit);
      try (Harness harness = open(null)) {
        harness.processBroadcastElement(Either.Left(transformer), 0);
        embed(harness, images.get(0));
        assertEquals(1, changes(harness).size());
        assertEquals(limit.equals("256B") ? 1 : 0, patches(harness).size(), limit);
      }
    }
  }

  /** What it says is {@code freshet@3}. */
  private ModelPublished publishTransformer() throws Exception {
    return TestReleases.announcement(
        TestReleases.publishVit(
            ModelRegistries.open(config.section("registry", RegistryConfig.class)), temp, 5),
        List.of("champion"));
  }

  private void assertAreTheModels(PatchFeature patches, ImageFeature feature) {
    ModelRegistry registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    ModelVersion version = new ModelVersion("freshet", 3);
    EmbedderSpec spec = EmbedderSpec.fromMap(registry.manifest(version).embedding());
    try (PatchEmbedder embedder =
        (PatchEmbedder)
            ImageEmbedders.open(spec.space("freshet", 3), spec, registry.open(version))) {
      PatchEmbedder.Embedded expected =
          embedder.embedWithPatches(List.of(TestImages.picture(0))).get(0);
      assertArrayEquals(
          embedder.embed(List.of(TestImages.picture(0)))[0],
          Vectors.toFloats(feature.getCls()),
          1e-5f);
      float[] written = PatchFeatures.toFloats(patches);
      assertEquals(4 * 4 * 8, written.length);
      for (int i = 0; i < written.length; i++) {
        assertEquals(expected.patches()[i], written[i], 1e-3f * Math.max(1, Math.abs(written[i])));
      }
    }
  }

  private static List<Either<String, PatchFeature>> patches(Harness harness) {
    List<Either<String, PatchFeature>> patches = new ArrayList<>();
    Iterable<StreamRecord<Either<String, PatchFeature>>> written =
        harness.getSideOutput(FeatureOperator.PATCHES);
    if (written != null) {
      written.forEach(record -> patches.add(record.getValue()));
    }
    return patches;
  }

  /** Any order of records, repeats, withdrawals and champions; the topic is read as compacted. */
  @Test
  void noFeatureOutlivesItsWithdrawalInAnyOrder() throws Exception {
    for (long seed = 0; seed < 8; seed++) {
      Random random = new Random(seed);
      TreeSet<String> withdrawn = new TreeSet<>();
      TreeSet<String> offered = new TreeSet<>();
      try (Harness harness = open(null)) {
        champion(harness, 0);
        for (int step = 0; step < 15; step++) {
          UniqueImage image = images.get(random.nextInt(IMAGES));
          switch (random.nextInt(6)) {
            case 0 -> {
              harness.processElement(Either.Left(image.getImageId()), 0);
              withdrawn.add(image.getImageId());
            }
            case 1 -> champion(harness, random.nextInt(2));
            case 2 -> advance(harness);
            case 3 ->
                order(
                    harness,
                    "freshet@" + (1 + random.nextInt(2)),
                    true,
                    0,
                    ORDERED.plusSeconds(step));
            default -> {
              harness.processElement(Either.Right(image), 0);
              offered.add(image.getImageId());
            }
          }
        }
        advance(harness);
        TreeSet<String> left = new TreeSet<>();
        for (String change : changes(harness)) {
          String key = change.substring(1);
          if (change.startsWith("+")) {
            left.add(key);
          } else {
            assertTrue(left.remove(key), "seed " + seed + ": erased what was not there: " + key);
          }
        }
        offered.removeAll(withdrawn);
        TreeSet<String> described = new TreeSet<>();
        left.forEach(key -> described.add(key.substring(0, key.indexOf('|'))));
        assertEquals(offered, described, "seed " + seed);
      }
    }
  }

  private Harness open(OperatorSubtaskState snapshot) throws Exception {
    Harness harness =
        new Harness(
            new FeatureOperator(
                config.section("features", FeatureConfig.class),
                config.section("blobs", BlobConfig.class),
                config.section("registry", RegistryConfig.class)));
    if (snapshot != null) {
      harness.initializeState(snapshot);
    }
    harness.open();
    return harness;
  }

  /** One bucket. */
  private static final class Harness
      extends KeyedBroadcastOperatorTestHarness<
          Integer,
          Either<String, UniqueImage>,
          Either<ModelPublished, BackfillOrder>,
          Either<String, ImageFeature>> {
    Harness(FeatureOperator operator) throws Exception {
      super(
          new CoBroadcastWithKeyedOperator<>(
              operator, List.of(FeatureOperator.CHAMPION, FeatureOperator.ORDER)),
          element -> 0,
          Types.INT,
          1,
          1,
          0);
      setup(
          new EitherTypeInfo<>(Types.STRING, JobContext.avro(ImageFeature.class))
              .createSerializer(new SerializerConfigImpl()));
    }
  }

  private void champion(Harness harness, int number) throws Exception {
    harness.processBroadcastElement(Either.Left(champions.get(number)), 0);
  }

  private void order(Harness harness, String model, boolean running, double rate, Instant at)
      throws Exception {
    harness.processBroadcastElement(Either.Right(new BackfillOrder(model, running, rate, at)), 0);
  }

  private static BackfillProgress newest(Harness harness) {
    BackfillProgress newest = null;
    for (StreamRecord<BackfillProgress> record : harness.getSideOutput(FeatureOperator.PROGRESS)) {
      newest = record.getValue();
    }
    return newest;
  }

  private static String feature(UniqueImage image, int version) {
    return "+" + image.getImageId() + "|freshet@" + version + "/features/l2";
  }

  private void embed(Harness harness, UniqueImage image) throws Exception {
    harness.processElement(Either.Right(image), 0);
    advance(harness);
  }

  private void advance(Harness harness) throws Exception {
    now += Duration.ofMinutes(1).toMillis();
    harness.setProcessingTime(now);
  }

  private static List<String> changes(Harness harness) {
    return harness.extractOutputValues().stream()
        .map(
            change ->
                change.isLeft()
                    ? "-" + change.left()
                    : "+" + Topics.IMAGE_FEATURE.key().of(change.right()))
        .toList();
  }
}
