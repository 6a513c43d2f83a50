package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.Release;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ConsoleServerIT {
  @RegisterExtension
  static final FreshetCluster CLUSTER = FreshetCluster.create().with("http.port", "0");

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] WEIGHTS = "not really weights".getBytes(StandardCharsets.UTF_8);

  private static ConsoleServer server;
  private static String imageId;

  @BeforeAll
  static void fill() throws IOException {
    RgbImage picture = noise(300, 200);
    imageId = CanonicalEncoding.imageId(picture);
    BlobStore blobs = BlobStores.open(CLUSTER.config().section("blobs", BlobConfig.class));
    BlobRef blob;
    try (ShardWriter shard = blobs.openShard("test")) {
      blob = shard.append(imageId + ".png", CanonicalEncoding.encode(picture));
      shard.sync();
    }
    Instant now = Instant.now();
    CLUSTER.produce(
        Topics.IMAGE_UNIQUE,
        new UniqueImage(
            "r1",
            imageId,
            blob,
            300,
            200,
            imageId,
            null,
            new SourceUrls("http://site/a", "http://site/", "<script>alert(1)</script>"),
            now,
            now,
            now));
    CLUSTER.produce(
        Topics.IMAGE_REJECTED,
        new RejectedImage(
            "r2",
            "http://site/b",
            "ingest",
            RejectionReason.TRUNCATED,
            "cut",
            new Origin("crawl.pages", 0, 0L),
            now));
    CLUSTER.produce(Topics.TRAINING_STEP, step(0, 8.0), step(1, 7.5));
    publish();
    server = ConsoleServer.start(CLUSTER.config());
    await(overview -> overview.at("/counts/training_steps").asInt() == 2);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void countsWhatTheTopicsHold() {
    JsonNode overview = await(o -> o.at("/counts/unique").asInt() == 1);
    assertEquals(1, overview.at("/counts/rejected").asInt());
    assertEquals(1, overview.at("/rejected_by_reason/TRUNCATED").asInt());
    assertEquals(7.5, overview.at("/training/loss").asDouble());
    assertEquals(2, overview.at("/training/curve/step").size());
    assertEquals("freshet@1", overview.at("/champion").asText());
    assertEquals(1, overview.at("/releases").size());
  }

  @Test
  void sendsTheOverviewAsAnEvent() throws Exception {
    HttpResponse<InputStream> events =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/api/v1/events"))
                .header("Accept", "text/event-stream")
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
      String data =
          lines.lines().filter(line -> line.startsWith("data:")).findFirst().orElseThrow();
      assertTrue(JSON.readTree(data.substring(5)).has("counts"));
    }
  }

  @Test
  void servesTheWallAndSmallPictures() throws Exception {
    JsonNode wall = JSON.readTree(get("/api/v1/recent/unique?limit=10").body());
    assertEquals(imageId, wall.at("/0/image_id").asText());
    HttpResponse<byte[]> thumbnail = get("/api/v1/images/" + imageId + "/thumbnail");
    assertEquals(200, thumbnail.statusCode());
    assertEquals(128, CanonicalEncoding.decode(thumbnail.body()).width());
    assertEquals(404, get("/api/v1/images/" + "0".repeat(64) + "/thumbnail").statusCode());
    assertEquals(400, get("/api/v1/images/..%2f..%2fetc/thumbnail").statusCode());
    assertEquals(404, get("/api/v1/recent/secrets").statusCode());
    assertEquals(400, get("/api/v1/recent/unique?limit=100000").statusCode());
  }

  @Test
  void servesAReleaseAndNothingBeside() throws Exception {
    HttpResponse<byte[]> manifest = get("/api/v1/models/freshet/1");
    String etag = manifest.headers().firstValue("ETag").orElseThrow();
    assertEquals("weights.bin", JSON.readTree(manifest.body()).at("/files/0/path").asText());
    HttpResponse<byte[]> again =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/api/v1/models/freshet/1"))
                .header("If-None-Match", etag)
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(304, again.statusCode());
    assertArrayEquals(WEIGHTS, get("/api/v1/models/freshet/1/files/weights.bin").body());
    for (String path :
        List.of(
            "/api/v1/models/freshet/1/files/manifest.json",
            "/api/v1/models/freshet/1/files/..%2f..%2f1%2fweights.bin",
            "/api/v1/models/freshet/2",
            "/api/v1/models/..%2ffreshet/1",
            "/api/v1/models/freshet/one")) {
      int status = get(path).statusCode();
      assertTrue(status == 400 || status == 404, path + " gave " + status);
    }
  }

  @Test
  void servesThePageUnderAStrictPolicy() throws Exception {
    HttpResponse<byte[]> page = get("/console/index.html");
    assertEquals(200, page.statusCode());
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'self'"), policy);
    String html = new String(page.body(), StandardCharsets.UTF_8);
    for (String resource : List.of("/console/console.js", "/console/console.css")) {
      assertTrue(html.contains(resource), resource);
      assertEquals(200, get(resource).statusCode(), resource);
    }
    String uplot = html.substring(html.indexOf("/webjars/"), html.indexOf("uPlot.min.css"));
    assertEquals(200, get(uplot + "uPlot.iife.min.js").statusCode());
  }

  private static void publish() throws IOException {
    Path staged = Files.createDirectories(CLUSTER.directory().resolve("staged"));
    Files.write(staged.resolve("weights.bin"), WEIGHTS);
    ModelRegistry registry =
        ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class));
    registry.publish(
        "freshet",
        staged,
        new Release(
            "vit",
            4,
            16,
            64,
            "run",
            7,
            70,
            List.of(),
            Map.of("knn_top1/photos", 0.5),
            List.of(),
            Map.of(),
            "Apache-2.0"));
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
  }

  private static TrainingStep step(long number, double loss) {
    return new TrainingStep(
        "run",
        number,
        8 * number,
        List.of(),
        Map.of("total", loss, "dino_local", 4.0, "dino_global", 1.0, "ibot", 2.0),
        1e-3,
        0.04,
        0.99,
        0.04,
        Map.of("backbone", 1.0),
        Map.of(),
        false,
        100.0,
        5.0,
        Instant.now());
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(3).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }

  private static JsonNode await(Predicate<JsonNode> condition) {
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    JsonNode last = null;
    while (System.nanoTime() < deadline) {
      try {
        last = JSON.readTree(get("/api/v1/overview").body());
        if (condition.test(last)) {
          return last;
        }
        Thread.sleep(100);
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new AssertionError("the console never showed it, last was " + last);
  }

  private static HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static URI uri(String path) {
    return URI.create(server.address() + path);
  }
}
