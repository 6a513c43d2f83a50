package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.deploy.backfill.BackfillStatus;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.flink.PartKeys;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BackfillProgress;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.sink.feature.FeatureConfig;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The orders that the commands give, and what they make of the tasks' reports. */
class BackfillCommandIT {
  private static final String SPACE = "freshet@1/features/l2";
  private static final int IMAGES = 6;

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @TempDir private Path temp;

  private String run(int expected, String... arguments) {
    return run(new BackfillCommand(), expected, arguments);
  }

  private String run(Object commands, int expected, String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(commands)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  out.write(error.getMessage());
                  return 1;
                });
    List<String> all = new ArrayList<>(List.of(arguments));
    Map.of(
            "kafka.bootstrap_servers", CLUSTER.kafka().bootstrapServers(),
            "kafka.topic_prefix", CLUSTER.kafka().topicPrefix(),
            "registry.dir", temp.resolve("registry").toString(),
            "blobs.dir", temp.resolve("blobs").toString())
        .forEach((key, value) -> all.addAll(List.of("--set", key + "=" + value)));
    assertEquals(expected, command.execute(all.toArray(String[]::new)), out.toString());
    return out.toString();
  }

  @Test
  void aPromotionIsAnnouncedAndSaysThatABackfillMayBeDue() throws Exception {
    publishChampion();
    String promoted = run(new ModelsCommand(), 0, "promote", "freshet@1", "--reason", "sharper");
    assertTrue(promoted.contains("images that come in get features of freshet@1"), promoted);
    assertTrue(promoted.contains("freshet backfill plan"), promoted);
    ModelPublished announced = CLUSTER.records(Topics.MODEL_PUBLISHED).get(0);
    assertEquals(List.of("champion"), announced.getAliases());
    assertEquals(1, announced.getVersion());

    run(new ModelsCommand(), 1, "promote", "freshet@2", "--reason", "there is none");
    assertEquals(1, CLUSTER.records(Topics.MODEL_PUBLISHED).size());
  }

  @Test
  void plansStartsPausesGoesOnAndTellsWhenAllIsThrough() throws Exception {
    publishChampion();
    List<UniqueImage> images = store();
    CLUSTER.produce(Topics.IMAGE_UNIQUE, images);
    Instant now = Instant.now();
    CLUSTER.produce(
        Topics.IMAGE_FEATURE,
        new ImageFeature(
            images.get(0).getImageId(), Vectors.of(SPACE, new float[] {1}), null, now, now));
    assertTrue(run(1, "status").contains("no backfill was ever started"));
    assertTrue(run(1, "resume").contains("no backfill was ever started"));

    Path json = temp.resolve("plan.json");
    String plan = run(0, "plan", "--sample", "3", "--json", json.toString());
    assertTrue(plan.contains(SPACE + ": 5 stored images lack a feature, 1 have it"), plan);
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertEquals(5, figures.get("missing_images").asInt());
    assertEquals(3, figures.get("measured_images").asInt());
    assertTrue(figures.get("estimated_s").asDouble() > 0, figures.toString());
    assertEquals(List.of(), CLUSTER.records(Topics.FEATURE_BACKFILL), "a plan starts nothing");
    assertTrue(run(1, "start", "--images-per-second", "-1").contains("must be 0 or more"));

    String started = run(0, "start", "--sample", "1", "--images-per-second", "20");
    assertTrue(started.contains("started for freshet@1"), started);
    BackfillOrder order = BackfillStatus.newestOrder(CLUSTER.kafka()).orElseThrow();
    assertTrue(order.getRunning());
    assertEquals(20, order.getImagesPerSecond());
    assertTrue(run(0, "status").contains("running, no task has begun"));

    run(0, "pause");
    assertFalse(BackfillStatus.newestOrder(CLUSTER.kafka()).orElseThrow().getRunning());
    assertTrue(run(0, "status").contains("freshet@1: paused"));
    run(0, "resume", "--images-per-second", "0");
    BackfillOrder resumed = BackfillStatus.newestOrder(CLUSTER.kafka()).orElseThrow();
    assertEquals(
        BackfillOrder.newBuilder(order).setImagesPerSecond(0).build(), resumed, "the same order");

    PartKeys all = CLUSTER.config().section("features", FeatureConfig.class).bucketKeys();
    Set<Integer> buckets = new TreeSet<>();
    images.forEach(image -> buckets.add(all.keyOf(image.getImageId())));
    assertTrue(buckets.size() >= 2, "the images lie in buckets " + buckets);
    int first = buckets.iterator().next();
    CLUSTER.produce(Topics.FEATURE_BACKFILL_PROGRESS, through(first, order, 2));
    String half = run(0, "status");
    assertTrue(half.contains("freshet@1: running, 2 of 2 images"), half);
    assertTrue(half.contains("other buckets have not begun"), half);
    buckets.stream()
        .filter(bucket -> bucket != first)
        .forEach(
            bucket -> CLUSTER.produce(Topics.FEATURE_BACKFILL_PROGRESS, through(bucket, order, 1)));
    assertTrue(run(0, "status", "--watch").contains("freshet@1: ended"));
  }

  private static BackfillProgress through(int bucket, BackfillOrder order, long images) {
    Instant at = order.getOrderedAt().plusSeconds(2);
    return new BackfillProgress(
        bucket, SPACE, order.getOrderedAt(), images, images, 0L, 0L, order.getOrderedAt(), at);
  }

  private void publishChampion() throws IOException {
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Path staged = Files.createDirectories(temp.resolve("staged"));
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    registry.publish("freshet", staged, PlainRelease.mobileNet(1, spec.toMap()));
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
  }

  private List<UniqueImage> store() {
    BlobConfig blobs =
        CLUSTER
            .config()
            .with("blobs.dir", temp.resolve("blobs").toString())
            .section("blobs", BlobConfig.class);
    List<UniqueImage> images = new ArrayList<>();
    try (ShardWriter shard = BlobStores.open(blobs).openShard("test")) {
      for (int i = 0; i < IMAGES; i++) {
        byte[] rgb = new byte[3 * 64 * 64];
        Arrays.fill(rgb, (byte) (40 * i));
        RgbImage picture = new RgbImage(64, 64, rgb);
        String id = CanonicalEncoding.imageId(picture);
        BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(picture));
        Instant now = Instant.now();
        images.add(
            new UniqueImage(
                "request " + id,
                id,
                blob,
                64,
                64,
                id,
                null,
                new SourceUrls("http://site/" + id, null, null),
                now,
                now,
                now));
      }
      shard.sync();
    }
    return images;
  }
}
