package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.curator.bootstrap.BootstrapModel;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.seeds.SeedFile;
import io.freshet.curator.seeds.SeedRegistrar;
import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CurationPlan;
import io.freshet.curator.window.WindowCuration;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A topic with withdrawn and unreadable images, curated in windows of eight. */
class CurateBatchCommandIT {
  private static final int IMAGES = 24;
  private static final int WINDOW = 8;
  private static final Instant AT = Instant.parse("2026-11-01T00:00:00Z");
  private static final ObjectMapper JSON = new ObjectMapper();

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create().with("curator.plan.min_similarity", "-1");

  @TempDir private Path temp;

  private final List<Seed> seeds = new ArrayList<>();
  private final Map<String, float[]> vectors = new HashMap<>();
  private final Map<String, UniqueImage> imageOf = new HashMap<>();

  @Test
  void curatesTheWindowsOfWhatStandsAndSaysWhatItLeavesOut() throws IOException {
    BootstrapModel.ensurePublished(
        ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class)));
    List<UniqueImage> images;
    try (BlobStore blobs = BlobStores.open(CLUSTER.config().section("blobs", BlobConfig.class));
        ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      registerSeeds(blobs, embedder);
      images = uniqueImages(blobs, embedder);
    }
    UniqueImage gone = images.get(3);
    UniqueImage retracted = images.get(5);
    images.set(3, withoutBytes(gone));
    CLUSTER.produce(Topics.IMAGE_UNIQUE, images);
    CLUSTER.produce(
        Topics.IMAGE_RETRACTED,
        RetractedImage.newBuilder()
            .setImageId(retracted.getImageId())
            .setCause(RetractionCause.MERGED)
            .setAt(AT)
            .build());

    Path list = temp.resolve("taken.jsonl");
    Path leftOut = temp.resolve("left-out.jsonl");
    String out =
        run(
            "--out",
            list.toString(),
            "--left-out",
            leftOut.toString(),
            "--window-images",
            Integer.toString(WINDOW),
            "image.unique");

    List<UniqueImage> readable =
        images.stream()
            .filter(image -> !image.getImageId().equals(gone.getImageId()))
            .filter(image -> !image.getImageId().equals(retracted.getImageId()))
            .toList();
    List<JsonNode> rows = lines(list);
    assertEquals(expected(readable), taken(rows), out);
    assertTrue(out.contains("23 images stand, 1 records are of withdrawn ones"), out);
    assertTrue(out.contains("of 22 images taken in 3 windows"), out);
    assertTrue(out.contains("1 left out"), out);
    JsonNode missing = lines(leftOut).get(0);
    assertEquals(gone.getImageId(), missing.get("image_id").asText());
    assertTrue(missing.get("place").asText().matches("image\\.unique-\\d@\\d+"), out);
    for (JsonNode row : rows) {
      UniqueImage image = imageOf.get(row.get("image_id").asText());
      assertEquals("image.unique", row.get("topic").asText());
      assertEquals(image.getSource().getImageUrl(), row.get("image_url").asText());
      assertEquals(image.getBlob().getShard(), row.get("shard").asText());
      assertEquals(image.getBlob().getOffset(), row.get("shard_offset").asLong());
      assertEquals("bootstrap@1/features/l2", row.get("space_id").asText());
      assertEquals("seed", row.get("query_file").asText().substring(0, 4));
      assertTrue(row.get("file").isNull());
    }

    hostsHaveBudgets(readable);
    oneWindowIsAsked();
  }

  private void hostsHaveBudgets(List<UniqueImage> readable) throws IOException {
    Path list = temp.resolve("hosts.jsonl");
    String out =
        run("--out", list.toString(), "--set", "curator.plan.images_per_host=1", "image.unique");
    Set<String> hosts = new HashSet<>();
    for (JsonNode row : lines(list)) {
      assertTrue(hosts.add(URI.create(row.get("image_url").asText()).getHost()), out);
    }
    assertEquals(2, hosts.size(), "hosts of " + readable.size());
  }

  private void oneWindowIsAsked() throws IOException {
    Path list = temp.resolve("one.parquet");
    String out = run("--out", list.toString(), "--window-images", "0", "topic:image.unique");
    assertTrue(out.contains("of 22 images taken\n"), out);
    assertTrue(Files.size(list) > 0);
    assertFalse(out.contains("windows"), out);
  }

  private String run(String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    for (String key :
        List.of(
            "kafka.bootstrap_servers",
            "curator.plan.min_similarity",
            "blobs.dir",
            "registry.dir",
            "flink.network_memory")) {
      all.addAll(0, List.of("--set", key + "=" + setting(key)));
    }
    all.addAll(0, List.of("--set", "flink.state_dir=" + temp.resolve("flink")));
    StringWriter out = new StringWriter();
    int status =
        new CommandLine(new CurateBatchCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(all.toArray(String[]::new));
    assertEquals(0, status, out.toString());
    return out.toString();
  }

  private static String setting(String key) {
    return switch (key) {
      case "kafka.bootstrap_servers" -> CLUSTER.kafka().bootstrapServers();
      case "blobs.dir" -> CLUSTER.config().section("blobs", BlobConfig.class).dir().toString();
      case "registry.dir" ->
          CLUSTER.config().section("registry", RegistryConfig.class).dir().toString();
      case "flink.network_memory" -> "32MiB";
      case "curator.plan.min_similarity" -> "-1";
      default -> throw new IllegalArgumentException(key);
    };
  }

  /** Windows of the images that stand in their order, the one without bytes counted out. */
  private Set<String> expected(List<UniqueImage> readable) {
    WindowCuration curation =
        new WindowCuration(CLUSTER.config().section("curator.plan", CurationPlan.class));
    Set<String> taken = new HashSet<>();
    for (int from = 0; from < readable.size(); from += WINDOW) {
      List<Candidate> window =
          readable.subList(from, Math.min(readable.size(), from + WINDOW)).stream()
              .map(image -> new Candidate(image.getImageId(), vectors.get(image.getImageId())))
              .toList();
      for (Choice choice : curation.curate(seeds, window).choices()) {
        taken.add(from / WINDOW + " " + choice.imageId() + " " + choice.queryOrClusterId());
      }
    }
    return taken;
  }

  private static Set<String> taken(List<JsonNode> rows) {
    Set<String> taken = new HashSet<>();
    for (JsonNode row : rows) {
      taken.add(
          row.get("window").asLong()
              + " "
              + row.get("image_id").asText()
              + " "
              + row.get("query_or_cluster_id").asText());
    }
    assertEquals(rows.size(), taken.size());
    return taken;
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private void registerSeeds(BlobStore blobs, ImageEmbedder embedder) {
    List<SeedImage> announced = new ArrayList<>();
    new SeedRegistrar(blobs, announced::add, InstantSource.system())
        .register(
            "noise",
            SeedRole.SEED,
            Stream.of(
                new SeedFile(
                    "seed1", "a", Optional.empty(), () -> CanonicalEncoding.encode(noise(-1))),
                new SeedFile(
                    "seed2", "b", Optional.empty(), () -> CanonicalEncoding.encode(noise(-2)))));
    CLUSTER.produce(Topics.SEED_REGISTERED, announced);
    for (SeedImage seed : announced) {
      RgbImage image = CanonicalEncoding.decode(blobs.read(seed.getBlob()));
      seeds.add(new Seed(seed.getImageId(), "noise", embedder.embed(List.of(image))[0]));
    }
  }

  /** In the order of their decisions; every third brings its vector. */
  private List<UniqueImage> uniqueImages(BlobStore blobs, ImageEmbedder embedder) {
    List<UniqueImage> images = new ArrayList<>();
    try (ShardWriter shard = blobs.openShard("test")) {
      for (int i = 0; i < IMAGES; i++) {
        RgbImage picture = noise(i);
        String id = CanonicalEncoding.imageId(picture);
        float[] vector = embedder.embed(List.of(picture))[0];
        vectors.put(id, vector);
        UniqueImage image =
            new UniqueImage(
                "request" + i,
                id,
                shard.append(id + ".png", CanonicalEncoding.encode(picture)),
                picture.width(),
                picture.height(),
                id,
                i % 3 == 0 && i != 3 ? Vectors.of(embedder.space().id(), vector) : null,
                new SourceUrls("https://host%d.example/%d.png".formatted(i % 2, i), null, null),
                AT,
                AT,
                AT.plusSeconds(i));
        imageOf.put(id, image);
        images.add(image);
      }
      shard.sync();
    }
    return images;
  }

  private static UniqueImage withoutBytes(UniqueImage image) {
    BlobRef blob = image.getBlob();
    return UniqueImage.newBuilder(image)
        .setBlob(new BlobRef("gone-0.tar", blob.getOffset(), blob.getLength(), blob.getSha256()))
        .build();
  }

  private static RgbImage noise(int seed) {
    byte[] rgb = new byte[3 * 48 * 48];
    new Random(seed).nextBytes(rgb);
    return new RgbImage(48, 48, rgb);
  }
}
