package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.TopicOffset;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Three images are curated. The last is withdrawn for a benchmark; the one before had been merged
 * into it, over one between. Of three releases the second had read that one, but not the last.
 */
class ContaminationCommandIT {
  @RegisterExtension
  static final FreshetCluster CLUSTER = FreshetCluster.create().with("kafka.partitions", "1");

  private static final String FREE = "12".repeat(32);
  private static final String COPY = "ab".repeat(32);
  private static final String EARLIER = "cd".repeat(32);
  private static final String BETWEEN = "ef".repeat(32);
  private static final Instant AT = Instant.parse("2026-11-01T00:00:00Z");

  @TempDir private Path temp;

  @Test
  void namesTheReleasesThatHadReadTheCopyOrDescendFromOne() throws IOException {
    CLUSTER.produce(Topics.IMAGE_CURATED, curated(FREE));
    CLUSTER.produce(Topics.IMAGE_CURATED, curated(EARLIER));
    CLUSTER.produce(Topics.IMAGE_CURATED, curated(COPY));
    CLUSTER.produce(Topics.TRAINING_STEP, step(1, 1), step(2, 2), step(3, 2));
    CLUSTER.produce(
        Topics.IMAGE_RETRACTED,
        RetractedImage.newBuilder()
            .setImageId(EARLIER)
            .setKeptImageId(BETWEEN)
            .setCause(RetractionCause.MERGED)
            .setAt(AT)
            .build(),
        RetractedImage.newBuilder()
            .setImageId(BETWEEN)
            .setKeptImageId(COPY)
            .setCause(RetractionCause.MERGED)
            .setAt(AT)
            .build(),
        RetractedImage.newBuilder()
            .setImageId(COPY)
            .setCause(RetractionCause.BENCHMARK_ADDED)
            .setAt(AT)
            .setBenchmarkDataset("photos")
            .build());
    Path directory = temp.resolve("registry");
    ModelRegistry registry = ModelRegistries.open(new RegistryConfig(directory));
    publish(registry, 1, 1, List.of());
    publish(registry, 3, 2, List.of(new ModelVersion("freshet", 1)));
    publish(registry, 4, 0, List.of(new ModelVersion("freshet", 2)));
    registry.moveAlias("champion", new ModelVersion("freshet", 2), "best");
    Path json = temp.resolve("contamination.json");

    StringWriter out = new StringWriter();
    int status =
        new CommandLine(new ContaminationCommand())
            .setOut(new PrintWriter(out))
            .execute(
                "--registry",
                directory.toString(),
                "--json",
                json.toString(),
                "--set",
                "kafka.bootstrap_servers=" + CLUSTER.kafka().bootstrapServers(),
                "--set",
                "kafka.topic_prefix=" + CLUSTER.kafka().topicPrefix());

    assertEquals(1, status, out.toString());
    String table = out.toString();
    assertTrue(
        table.contains(
            "3 images withdrawn for a benchmark (2 by way of one that they were merged into), 2 of"
                + " them had been curated"),
        table);
    assertTrue(
        table.matches("(?s).*photos +3 +2 +freshet@2 \\(1\\), freshet@3 \\(0, inherited 1\\)\n.*"),
        table);
    assertTrue(table.contains("2 of 3 releases concerned"), table);
    assertTrue(table.matches("(?s).*freshet@2 +champion +3 +1 +2 +0 +run.*"), table);
    assertTrue(table.matches("(?s).*freshet@3 +4 +0 +- +1 +run.*"), table);
    JsonNode figures = new ObjectMapper().readTree(Files.readString(json));
    JsonNode benchmark = figures.get("benchmarks").get(0);
    assertEquals("photos", benchmark.get("dataset").asText());
    assertEquals("freshet@2", benchmark.get("releases").get(0).get("release").asText());
    assertEquals(1, benchmark.get("releases").get(1).get("inherited_images").asInt());
    JsonNode withdrawn = figures.get("images").get(0);
    assertEquals(COPY, withdrawn.get("image_id").asText());
    assertEquals("photos", withdrawn.get("benchmark").asText());
    assertTrue(withdrawn.get("merged_into").isNull());
    JsonNode merged = figures.get("images").get(1);
    assertEquals(EARLIER, merged.get("image_id").asText());
    assertEquals("photos", merged.get("benchmark").asText());
    assertEquals(COPY, merged.get("merged_into").asText());
    JsonNode champion = figures.get("releases").get(1);
    assertEquals(List.of(EARLIER), ids(champion.get("read_image_ids")));
    assertEquals(2, champion.get("first_step").asLong());
    assertEquals(List.of(), ids(figures.get("releases").get(0).get("read_image_ids")));
    assertEquals(List.of(EARLIER), ids(figures.get("releases").get(2).get("inherited_image_ids")));
  }

  private static List<String> ids(JsonNode list) {
    List<String> ids = new ArrayList<>();
    list.forEach(id -> ids.add(id.asText()));
    return ids;
  }

  private void publish(ModelRegistry registry, long step, long read, List<ModelVersion> parents)
      throws IOException {
    Path staged = Files.createDirectories(temp.resolve("staged"));
    Files.writeString(staged.resolve("model.bin"), "weights of step " + step);
    registry.publish("freshet", staged, PlainRelease.at(step, offsets(read), parents));
  }

  private static List<TopicOffset> offsets(long next) {
    return List.of(new TopicOffset(CLUSTER.kafka().nameOf(Topics.IMAGE_CURATED), 0, next));
  }

  private static CuratedImage curated(String imageId) {
    return new CuratedImage(
        imageId,
        new BlobRef("shard", 0L, 0, new Sha256(new byte[32])),
        "photos",
        CurationStrategy.SAMPLE,
        "seed",
        0.75f,
        1,
        0L,
        "m@1/f/l2",
        AT,
        null);
  }

  private static TrainingStep step(long step, long read) {
    return TrainingStep.newBuilder()
        .setRunId("run")
        .setStep(step)
        .setImagesSeen(step)
        .setOffsets(offsets(read))
        .setLosses(Map.of())
        .setLr(0)
        .setWeightDecay(0)
        .setMomentum(0)
        .setTeacherTemp(0)
        .setGradNorm(Map.of())
        .setSkipped(false)
        .setMillis(0)
        .setDataWaitMillis(0)
        .setAt(AT)
        .build();
  }
}
