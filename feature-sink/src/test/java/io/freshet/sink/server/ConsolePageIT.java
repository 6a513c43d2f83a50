package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Origin;
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
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The console's page in a real browser, on a stream that holds hostile texts. */
class ConsolePageIT {
  private static final String TOKEN = "a-token-for-promoting-1";
  private static final String HOSTILE =
      "\"><img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
  private static final int IMAGES = 10_000;
  private static final String SPACE = EmbeddingSpace.BOOTSTRAP.id();

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create()
          .with("http.port", "0")
          .with("http.promote_token_file", tokenFile().toString());

  private static final String SEED = "5eed".repeat(16);

  private static ConsoleServer server;
  private static Chromium browser;
  private static Path picture;
  private static String imageId;
  private static ModelRegistry registry;

  private static Path tokenFile() {
    try {
      return Files.writeString(Files.createTempFile("promote", ".token"), TOKEN);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> binary = Chromium.installed();
    assumeTrue(binary.isPresent(), "no Chromium on the PATH");
    fill();
    server = ConsoleServer.start(CLUSTER.config());
    browser = Chromium.start(binary.get(), Files.createTempDirectory("chromium"));
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static void fill() throws IOException {
    RgbImage pixels = noise();
    imageId = CanonicalEncoding.imageId(pixels);
    byte[] png = CanonicalEncoding.encode(pixels);
    picture = Files.write(CLUSTER.directory().resolve("asked.png"), png);
    BlobStore blobs = BlobStores.open(CLUSTER.config().section("blobs", BlobConfig.class));
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
    CLUSTER.produce(Topics.IMAGE_UNIQUE, images);
    CLUSTER.produce(
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
      CLUSTER.produce(Topics.TRAINING_STEP, step(step));
    }
    for (long window = 0; window < 4; window++) {
      CLUSTER.produce(Topics.CURATION_WINDOW, window(window, now));
    }
    CLUSTER.produce(
        Topics.SEED_REGISTERED,
        new SeedImage(SEED, blob, "photos", "cat", SeedRole.SEED, null, "cat.png", now));
    CLUSTER.produce(
        Topics.IMAGE_CURATED,
        curated(1, SEED, blob, now),
        curated(2, "f".repeat(64), blob, now),
        curated(3, SEED, blob, now));
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      CLUSTER.produce(
          Topics.IMAGE_FEATURE,
          new ImageFeature(
              imageId, Vectors.of(SPACE, embedder.embed(List.of(pixels))[0]), null, now, now));
    }
    publish();
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

  private static void publish() throws IOException {
    registry = ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class));
    for (int version = 1; version <= 2; version++) {
      Path staged = Files.createDirectories(CLUSTER.directory().resolve("staged" + version));
      Files.writeString(staged.resolve("weights.bin"), "weights " + version);
      registry.publish(
          "freshet",
          staged,
          PlainRelease.at(10L * version, Map.of("knn_top1/photos", 0.5 + 0.1 * version)));
    }
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
    // By name the last, by time the newest, yet not the champion's model.
    Path staged = Files.createDirectories(CLUSTER.directory().resolve("staged-student"));
    Files.writeString(staged.resolve("weights.bin"), "weights of a student");
    registry.publish("student", staged, PlainRelease.at(30, STUDENT_METRICS));
  }

  /** Two families that are known, one of them with many sets, and one that isn't. */
  private static final Map<String, Double> STUDENT_METRICS =
      Stream.concat(
              IntStream.rangeClosed(1, 8).mapToObj(i -> Map.entry("logreg_top1/set" + i, 0.1 * i)),
              Stream.of(Map.entry("knn_top1/photos", 0.25), Map.entry("novel/photos", 3.0)))
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private static RgbImage noise() {
    byte[] rgb = new byte[3 * 64 * 48];
    new Random(3).nextBytes(rgb);
    return new RgbImage(64, 48, rgb);
  }

  private static void view(String fragment) throws Exception {
    browser.open("about:blank");
    browser.open(server.address() + "/console/index.html#/" + fragment);
    browser.await("document.getElementById('link')?.textContent === 'live'");
  }

  private static String text(String selector) throws Exception {
    return browser
        .evaluate("document.querySelector(" + quoted(selector) + ")?.textContent ?? ''")
        .asText();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @Test
  void showsTheFunnelTheCurvesAndTheNewestImages() throws Exception {
    view("overview");
    browser.await("document.querySelector('[data-stage=unique] .count')?.textContent === '10,000'");
    browser.await("document.querySelector('#overview-loss canvas')");
    browser.await("document.querySelector('#overview-knn canvas')");
    browser.await("document.querySelectorAll('#strip-unique .tile').length > 3");
    assertEquals("champion freshet@1", text("#champion"));
    assertTrue(text("[data-stage=curated] .lag").contains("9,488 waiting"), text(".flow"));
    assertTrue(
        browser
            .evaluate("document.querySelector('[data-stage=unique] svg path') !== null")
            .asBoolean());
  }

  @Test
  void eachViewIsShownAloneByItsKey() throws Exception {
    view("overview");
    List<String> views =
        List.of("overview", "images", "training", "releases", "curation", "find", "overview");
    for (int i = 0; i < views.size(); i++) {
      browser.press(Integer.toString(1 + i % 6), '1' + i % 6);
      browser.await("location.hash === '#/" + views.get(i) + "'");
      browser.await(
          "[...document.querySelectorAll('main > section')].filter(each => each.offsetHeight > 0)"
              + ".map(each => each.id).join() === '"
              + views.get(i)
              + "'");
    }
  }

  @Test
  void aWallOfTenThousandImagesHoldsOnlyTheTilesInView() throws Exception {
    view("images/unique");
    browser.await("document.getElementById('wall-note').textContent === '10,000'");
    browser.await("document.querySelectorAll('#wall .tile').length > 10");
    browser.evaluate("document.getElementById('wall').scrollTop = 1e9");
    browser.await("document.querySelector('#wall .tile[data-index=\"9999\"]')");
    assertTrue(browser.evaluate("document.querySelectorAll('#wall .tile').length").asInt() < 150);
    assertTrue(text("#wall .tile[data-index=\"9999\"] .line").startsWith("image "));
  }

  @Test
  void theKeyboardGoesThroughTheWallAndOpensAnImage() throws Exception {
    view("images/unique");
    browser.await("document.querySelector('#wall .tile[data-index=\"0\"]')");
    browser.evaluate("document.querySelector('#wall .tile').focus()");
    browser.press("ArrowRight", 39);
    browser.await("document.activeElement.dataset.index === '1'");
    browser.press("ArrowDown", 40);
    browser.await("Number(document.activeElement.dataset.index) > 3");
    browser.press("End", 35);
    browser.await("document.activeElement.dataset.index === '9999'");
    browser.press("PageUp", 33);
    browser.await("Number(document.activeElement.dataset.index) < 9999");
    browser.press("Home", 36);
    browser.await("document.activeElement.dataset.index === '0'");
    browser.evaluate("document.activeElement.click()");
    browser.await("document.getElementById('image-dialog').open");
    browser.press("Escape", 27);
    browser.await("!document.getElementById('image-dialog').open");
  }

  @Test
  void aCuratedImageStandsBesideItsSeedAndLeadsToAllThatTheSeedRetrieved() throws Exception {
    view("images/curated");
    browser.await("document.querySelectorAll('#wall .tile').length === 3");
    // One of an unknown seed stands alone.
    assertEquals(
        5, browser.evaluate("document.querySelectorAll('#wall .tile img').length").asInt());
    browser.evaluate("document.querySelector('#wall .tile').click()");
    browser.await("document.querySelectorAll('#image-dialog .pictures img').length === 2");
    browser.evaluate(
        "[...document.querySelectorAll('#image-dialog a')]"
            + ".find(link => link.textContent === 'All of this seed').click()");
    browser.await("document.querySelectorAll('#wall .tile').length === 2");
    browser.await("location.hash === '#/images/curated//" + SEED + "'");
    assertTrue(text("#wall-asker").contains("5eed5eed5eed"), text("#wall-asker"));
    browser.evaluate("document.getElementById('wall-asker').click()");
    browser.await("document.querySelectorAll('#wall .tile').length === 3");
    browser.await("document.getElementById('wall-asker').hidden");
  }

  @Test
  void whatComesFromOutsideIsText() throws Exception {
    view("images/unique");
    browser.await("document.querySelector('#wall .tile[data-index=\"0\"]')");
    browser.evaluate("document.querySelector('#wall .tile[data-index=\"0\"]').click()");
    assertTrue(text("#image-dialog").contains("<script>"), text("#image-dialog"));
    assertEquals(
        0, browser.evaluate("document.querySelectorAll('a[href^=\"javascript\"]').length").asInt());
    view("images/rejected");
    browser.await("document.querySelector('#wall .tile')");
    assertTrue(text("#wall .tile").contains("<script>"));
    view("curation");
    browser.await("document.querySelector('.dataset')");
    assertTrue(text(".dataset").contains("<script>"));
    browser.await("document.querySelector('#chart-clusters rect')");
    assertTrue(browser.evaluate("window.hacked === undefined").asBoolean());
    browser.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
            + " {textContent: 'window.hacked = 2'}))");
    assertTrue(
        browser.evaluate("window.hacked === undefined").asBoolean(),
        "the policy stops inline scripts");
  }

  @Test
  void comparesAndPromotesWithTheTokenAndRollsBack() throws Exception {
    view("releases");
    browser.await("document.querySelectorAll('#release-table tbody tr').length === 3");
    browser.evaluate(
        "document.querySelector('#release-table [aria-label=\"compare freshet@1\"]').click();"
            + "document.querySelector('#release-table [aria-label=\"compare freshet@2\"]').click();"
            + "document.getElementById('diff').click()");
    browser.await("document.querySelector('#diff-card table')");
    assertTrue(text("#diff-card").contains("+0.1000"), text("#diff-card"));

    promote("not-the-token-1234");
    browser.await("document.getElementById('action-dialog').textContent.includes('refused')");
    assertEquals("freshet@1", registry.aliases().get("champion").toString());
    browser.evaluate("document.getElementById('action-dialog').close()");
    promote(TOKEN);
    browser.await("document.getElementById('action-dialog').textContent.includes('freshet@2 now')");
    assertEquals("freshet@2", registry.aliases().get("champion").toString());
    browser.evaluate("document.getElementById('action-dialog').close()");

    browser.evaluate("document.getElementById('rollback').click()");
    browser.await("document.getElementById('ask-reason')");
    browser.evaluate(
        "document.getElementById('ask-reason').value = 'worse on screens';"
            + "document.querySelector('#action-dialog form').requestSubmit()");
    browser.await("document.getElementById('action-dialog').textContent.includes('freshet@1 now')");
    assertEquals("freshet@1", registry.aliases().get("champion").toString());
    assertEquals(
        "back from freshet@2: over HTTP: worse on screens",
        registry.aliasHistory("champion").get(0).reason());
    browser.await(
        "[...document.querySelectorAll('#release-table tbody tr')]"
            + ".some(line => line.textContent.includes('freshet@2was champion'))");
  }

  @Test
  void drawsTheChampionsModelOrTheChosenOneAndLeavesNoMeasureOut() throws Exception {
    view("overview");
    browser.await("document.querySelector('#overview-knn canvas')");
    assertTrue(text("#knn-now").startsWith("freshet@2: photos 70.0 %"), text("#knn-now"));
    view("releases");
    browser.await("document.querySelectorAll('#metric-charts canvas').length === 1");
    String drawn = browser.evaluate(LABEL_OF_FIRST_CHART).asText();
    assertTrue(drawn.contains("of freshet over 2 versions"), drawn);
    assertTrue(drawn.contains("champions: freshet@1"), drawn);
    assertTrue(browser.evaluate(RING_PIXELS).asInt() > 20, "the champion has a ring");

    browser.evaluate("document.getElementById('model').focus()");
    browser.press("ArrowDown", 40);
    browser.await("document.querySelectorAll('#metric-charts canvas').length === 4");
    String all = text("#metric-charts");
    for (String title :
        List.of(
            "k-NN top-1",
            "Logistic regression top-1, 1 of 2",
            "Logistic regression top-1, 2 of 2",
            "novel")) {
      assertTrue(all.contains(title), all);
    }
    for (int set = 1; set <= 8; set++) {
      assertTrue(all.contains("set" + set), all);
    }
    assertEquals(0, browser.evaluate(RING_PIXELS).asInt(), "the student was never champion");
  }

  private static final String LABEL_OF_FIRST_CHART =
      "document.querySelector('#metric-charts .chart').getAttribute('aria-label')";

  /** Pixels of the first chart that have the colour of a champion's ring. */
  private static final String RING_PIXELS =
      "(() => { const canvas = document.querySelector('#metric-charts canvas');"
          + "const one = document.createElement('canvas').getContext('2d');"
          + "one.fillStyle = getComputedStyle(document.documentElement)"
          + ".getPropertyValue('--champion').trim(); one.fillRect(0, 0, 1, 1);"
          + "const [r, g, b] = one.getImageData(0, 0, 1, 1).data;"
          + "const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
          + "let found = 0;"
          + "for (let i = 0; i < data.length; i += 4)"
          + " found += data[i + 3] > 250 && Math.abs(data[i] - r) < 6 && Math.abs(data[i + 1] - g) < 6"
          + " && Math.abs(data[i + 2] - b) < 6;"
          + "return found; })()";

  private static void promote(String token) throws Exception {
    browser.evaluate("document.querySelector('[aria-label=\"promote freshet@2\"]').click()");
    browser.await("document.getElementById('ask-token')");
    browser.evaluate(
        "document.getElementById('ask-reason').value = 'it sees more';"
            + "document.getElementById('ask-token').value = "
            + quoted(token)
            + ";document.querySelector('#action-dialog form').requestSubmit()");
  }

  @Test
  void explainsAnImageAndFindsOneLikeIt() throws Exception {
    view("find");
    browser.evaluate(
        "document.getElementById('explain-target').value = "
            + quoted(imageId)
            + ";document.getElementById('explain-form').requestSubmit()");
    browser.await("document.querySelectorAll('#life li').length === 2");
    assertTrue(text("#life").contains("image.feature"), text("#life"));
    browser.evaluate("location.hash = '#/find/similar/" + imageId + "'");
    browser.await(
        "document.getElementById('find-status').textContent.startsWith('1 nearest of 1')");
    assertTrue(text("#matches").contains("1.000"), text("#matches"));
    browser.choose("#search-file", picture);
    browser.await("document.getElementById('find-status').textContent.includes('no release')");
  }

  @Test
  void changesItsColoursAndComplainsOfNothing() throws Exception {
    view("training");
    browser.await("document.querySelectorAll('#training-charts canvas').length > 4");
    String before = background();
    for (int i = 0; i < 3 && before.equals(background()); i++) {
      browser.evaluate("document.getElementById('theme').click()");
    }
    assertTrue(!before.equals(background()), before);
    List<String> complaints =
        browser.complaints().stream()
            .filter(text -> !text.contains("/thumbnail"))
            .filter(text -> !text.contains("/aliases/") && !text.contains("/search"))
            .filter(text -> !text.contains("Content Security Policy"))
            .toList();
    assertEquals(List.of(), complaints);
  }

  private static String background() throws Exception {
    return browser.evaluate("getComputedStyle(document.body).backgroundColor").asText();
  }
}
