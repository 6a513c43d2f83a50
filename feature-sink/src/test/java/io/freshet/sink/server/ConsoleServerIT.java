package io.freshet.sink.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
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

  /** What the release of the bundled network writes. */
  private static final String SPACE = "bundled@1/features/l2";

  private static final RgbImage BANDS = bands(96, 64);
  private static final RgbImage NOISE = noise(64, 96);
  private static final String BANDS_ID = CanonicalEncoding.imageId(BANDS);
  private static final String NOISE_ID = CanonicalEncoding.imageId(NOISE);

  private static final String REVOKED = "e".repeat(64);

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
            now.plusSeconds(2)));
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
    CLUSTER.produce(Topics.IMAGE_REVOKED, new Revocation(REVOKED, "asked", now));
    CLUSTER.produce(Topics.TRAINING_STEP, step(0, 8.0), step(1, 7.5));
    publish();
    produceFeatures();
    server = ConsoleServer.start(CLUSTER.config());
    await(
        overview ->
            overview.at("/counts/training_steps").asInt() == 2
                && overview.at("/counts/revoked").asInt() == 1
                && overview.at("/counts/features").asInt() == 2);
  }

  /** Of two pictures, as the bundled network sees them. */
  private static void produceFeatures() {
    Instant now = Instant.now();
    try (ImageEmbedder network = ImageEmbedders.bootstrap()) {
      float[][] features = network.embed(List.of(BANDS, NOISE));
      CLUSTER.produce(
          Topics.IMAGE_FEATURE,
          new ImageFeature(BANDS_ID, Vectors.of(SPACE, features[0]), null, now, now),
          new ImageFeature(NOISE_ID, Vectors.of(SPACE, features[1]), null, now, now));
    }
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
    assertEquals("freshet@1", overview.at("/champion").asText());
    assertTrue(overview.at("/stale_since").isNull(), "the broker is there");
    assertEquals(2, overview.at("/releases").size());
    assertEquals(1, overview.at("/walls_newest/unique").asInt());
    assertEquals(1, overview.at("/waiting/curator").asInt());
    assertEquals(2.0, overview.at("/delays_s/dedup").asDouble());
  }

  @Test
  void servesTheCurvesAndTheWindows() throws Exception {
    JsonNode curve = JSON.readTree(get("/api/v1/training/curve").body());
    assertEquals(JSON.readTree("[0,1]"), curve.at("/step"));
    assertEquals(JSON.readTree("[8.0,7.5]"), curve.at("/series/loss.total"));
    assertEquals(JSON.readTree("[0.05,0.05]"), curve.at("/series/data_wait_share"));
    assertEquals(JSON.readTree("[]"), JSON.readTree(get("/api/v1/curation/windows").body()));
  }

  @Test
  void searchesWithAnUploadOrSaysWhyNot() throws Exception {
    byte[] png = CanonicalEncoding.encode(noise(40, 30));
    String bootstrap = "/api/v1/search?space=bootstrap@1/features/l2";
    assertEquals(415, post(bootstrap, "text/plain", png).statusCode());
    assertEquals(404, post(bootstrap, "image/png", png).statusCode());
    assertEquals(400, post("/api/v1/search?space=nonsense", "image/png", png).statusCode());
    assertEquals(422, post(bootstrap, "image/png", "no image".getBytes(UTF_8)).statusCode());
    assertEquals(413, post(bootstrap, "image/png", new byte[(16 << 20) + 1]).statusCode());
    assertEquals(404, get("/api/v1/images/" + imageId + "/similar?space=m@1/cls/l2").statusCode());
    assertTrue(JSON.readTree(get("/api/v1/spaces").body()).has("features"));
  }

  @Test
  void findsTheStoredImagesNearestToAnUploadInTheirOrder() throws Exception {
    assertEquals(2, JSON.readTree(get("/api/v1/spaces").body()).at("/features").get(SPACE).asInt());
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(AwtImage.of(BANDS), "jpeg", jpeg));
    assertNearest(jpeg.toByteArray(), "image/jpeg", 0.9, BANDS_ID, NOISE_ID);
    // The very pixels that were embedded: their feature once more.
    assertNearest(CanonicalEncoding.encode(NOISE), "image/png", 0.9999, NOISE_ID, BANDS_ID);
    JsonNode only =
        JSON.readTree(
            post("/api/v1/search?limit=1&space=" + SPACE, "image/jpeg", jpeg.toByteArray()).body());
    assertEquals(List.of(BANDS_ID), only.findValuesAsText("image_id"));
  }

  private static void assertNearest(byte[] upload, String type, double cosine, String... ids)
      throws Exception {
    HttpResponse<byte[]> answer = post("/api/v1/search?space=" + SPACE, type, upload);
    assertEquals(200, answer.statusCode(), new String(answer.body(), UTF_8));
    JsonNode found = JSON.readTree(answer.body());
    assertEquals(SPACE, found.at("/space").asText());
    assertEquals(2, found.at("/compared").asInt());
    assertEquals(List.of(ids), found.findValuesAsText("image_id"), found.toString());
    double first = found.at("/matches/0/cosine").asDouble();
    assertTrue(first >= cosine && first <= 1.0001, found.toString());
    assertTrue(found.at("/matches/1/cosine").asDouble() < first, found.toString());
  }

  @Test
  void explainsAnImageByItsUrl() throws Exception {
    JsonNode life = JSON.readTree(get("/api/v1/explain?target=http%3A%2F%2Fsite%2Fb").body());
    assertEquals("image.rejected", life.at("/events/0/topic").asText());
    assertTrue(life.at("/events/0/verdict").asText().contains("TRUNCATED"));
    assertEquals(400, get("/api/v1/explain").statusCode());
    assertEquals(400, get("/api/v1/explain?target=" + "x".repeat(2_049)).statusCode());
  }

  @Test
  void saysWhyAReleaseHasNoPicturesOfPatches() throws Exception {
    JsonNode state = JSON.readTree(get("/api/v1/patches/freshet/1").body());
    assertEquals(false, state.at("/pending").asBoolean());
    assertTrue(state.at("/failure").asText().contains("EVALUATION"), state.toString());
    assertEquals(404, get("/api/v1/patches/freshet/9").statusCode());
    assertEquals(404, get("/api/v1/patches/freshet/1/" + imageId).statusCode());
    assertEquals(400, get("/api/v1/patches/freshet/1/..%2f..%2fetc").statusCode());
  }

  @Test
  void theDescriptionNamesEveryFieldOfTheOverview() throws Exception {
    JsonNode description = JSON.readTree(get("/api/v1/console-openapi.json").body());
    assertEquals("3.1.0", description.at("/openapi").asText());
    for (JsonNode reference : description.findValues("$ref")) {
      assertFalse(description.at(reference.asText().substring(1)).isMissingNode());
    }
    JsonNode overview = JSON.readTree(get("/api/v1/overview").body());
    assertEquals(
        fields(description.at("/components/schemas/Overview/properties")), fields(overview));
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
  void refusesAPageTooManyAndTakesOneAgainWhenAnotherLeft() throws Exception {
    List<Socket> pages = new ArrayList<>();
    try {
      int last = 200;
      for (int i = 0; i < 2 * ConsoleRoutes.MAX_LISTENERS && last == 200; i++) {
        Socket page = new Socket(InetAddress.getLoopbackAddress(), uri("/").getPort());
        pages.add(page);
        last = listen(page);
      }
      assertEquals(503, last);
      assertTrue(pages.size() > ConsoleRoutes.MAX_LISTENERS / 2, pages.size() + " pages");
    } finally {
      for (Socket page : pages) {
        page.close();
      }
    }
    long deadline = System.nanoTime() + FreshetCluster.PATIENCE.toNanos();
    int status = 503;
    while (status == 503 && System.nanoTime() < deadline) {
      try (Socket page = new Socket(InetAddress.getLoopbackAddress(), uri("/").getPort())) {
        status = listen(page);
      }
      Thread.sleep(100);
    }
    assertEquals(200, status);
  }

  /** The status of an answer to a page that listens; a refusal says when to come again. */
  private static int listen(Socket page) throws IOException {
    page.getOutputStream()
        .write(
            "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
                .getBytes(UTF_8));
    BufferedReader lines = new BufferedReader(new InputStreamReader(page.getInputStream(), UTF_8));
    int status = Integer.parseInt(lines.readLine().substring("HTTP/1.1 ".length()).substring(0, 3));
    if (status == 503) {
      assertTrue(lines.lines().limit(20).anyMatch("Retry-After: 30"::equals));
    }
    return status;
  }

  @Test
  void servesTheWallAndSmallPictures() throws Exception {
    JsonNode wall = JSON.readTree(get("/api/v1/recent/unique?limit=10").body());
    assertEquals(imageId, wall.at("/items/0/image/image_id").asText());
    assertEquals("<script>alert(1)</script>", wall.at("/items/0/found/alt_text").asText());
    JsonNode refused = JSON.readTree(get("/api/v1/recent/rejected?facet=TRUNCATED").body());
    assertEquals(1, refused.at("/total").asInt());
    assertEquals(1, refused.at("/facets/TRUNCATED").asInt());
    assertEquals(
        0, JSON.readTree(get("/api/v1/recent/rejected?facet=CORRUPT").body()).at("/total").asInt());
    HttpResponse<byte[]> thumbnail = get("/api/v1/images/" + imageId + "/thumbnail");
    assertEquals(200, thumbnail.statusCode());
    BufferedImage small = ImageIO.read(new ByteArrayInputStream(thumbnail.body()));
    assertEquals(160, small.getWidth());
    assertEquals(107, small.getHeight());
    assertEquals("private, no-cache", thumbnail.headers().firstValue("Cache-Control").orElse(""));
    String etag = thumbnail.headers().firstValue("ETag").orElseThrow();
    assertEquals(
        304,
        CLIENT
            .send(
                HttpRequest.newBuilder(uri("/api/v1/images/" + imageId + "/thumbnail"))
                    .header("If-None-Match", etag)
                    .build(),
                HttpResponse.BodyHandlers.discarding())
            .statusCode());
    assertEquals(410, get("/api/v1/images/" + REVOKED + "/thumbnail").statusCode());
    assertEquals(404, get("/api/v1/images/" + "0".repeat(64) + "/thumbnail").statusCode());
    assertEquals(400, get("/api/v1/images/..%2f..%2fetc/thumbnail").statusCode());
    assertEquals(404, get("/api/v1/recent/secrets").statusCode());
    assertEquals(400, get("/api/v1/recent/unique?query=" + imageId).statusCode());
    assertEquals(200, get("/api/v1/recent/curated?query=" + imageId).statusCode());
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
    assertFalse(html.contains("<style") || html.contains(" style="), "no inline style");
    assertFalse(Pattern.compile("<script(?![^>]*src=)").matcher(html).find(), "no inline script");
    String script = new String(get("/console/console.js").body(), StandardCharsets.UTF_8);
    Matcher modules = Pattern.compile("from \"\\./(js/[a-z]+\\.js)\"").matcher(script);
    int found = 0;
    while (modules.find()) {
      HttpResponse<byte[]> module = get("/console/" + modules.group(1));
      assertEquals(200, module.statusCode(), modules.group(1));
      String text = new String(module.body(), StandardCharsets.UTF_8);
      assertFalse(text.contains("innerHTML") || text.contains("insertAdjacentHTML"));
      found++;
    }
    assertTrue(found >= 8, "only " + found + " modules were found");
    String uplot = html.substring(html.indexOf("/webjars/"), html.indexOf("uPlot.min.css"));
    assertEquals(200, get(uplot + "uPlot.iife.min.js").statusCode());
  }

  private static void publish() throws IOException {
    Path staged = Files.createDirectories(CLUSTER.directory().resolve("staged"));
    Files.write(staged.resolve("weights.bin"), WEIGHTS);
    ModelRegistry registry =
        ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class));
    registry.publish("freshet", staged, PlainRelease.at(7, Map.of("knn_top1/photos", 0.5)));
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Path network = Files.createDirectories(CLUSTER.directory().resolve("staged-network"));
    Files.write(network.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    registry.publish("bundled", network, PlainRelease.mobileNet(0, spec.toMap()));
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

  private static RgbImage bands(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 3 / width / 8 % 2 == 0 ? 230 : 20 + 60 * (i % 3));
    }
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

  private static Set<String> fields(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static HttpResponse<byte[]> post(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static URI uri(String path) {
    return URI.create(server.address() + path);
  }
}
