package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.http.HttpConfig;
import io.freshet.platform.http.HttpServer;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.AlteredFile;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.sink.search.ImageSearch;
import io.freshet.sink.tally.StoredFeatures;
import io.freshet.sink.tally.StreamTally;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console and the search go on beside aliases and releases that were altered on disk. */
class AlteredRegistryTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ModelVersion V1 = new ModelVersion("freshet", 1);
  private static final ModelVersion V2 = new ModelVersion("freshet", 2);
  private static final String SPACE = "freshet@1/features/l2";
  private static final byte[] IMAGE =
      CanonicalEncoding.encode(new RgbImage(32, 32, new byte[3 * 32 * 32]));

  @TempDir private Path temp;
  private final HttpClient client = HttpClient.newHttpClient();
  private ModelRegistry registry;
  private ConsoleRoutes console;
  private ImageSearch search;
  private HttpServer server;
  private Path weights;

  @BeforeEach
  void start() throws IOException {
    registry = ModelRegistries.open(new RegistryConfig(temp.resolve("registry")));
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Path staged = Files.createDirectories(temp.resolve("staged"));
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    for (int version = 1; version <= 2; version++) {
      registry.publish("freshet", staged, PlainRelease.mobileNet(version, spec.toMap()));
    }
    weights = temp.resolve("registry/models/freshet/versions/1").resolve(spec.file());
    registry.moveAlias("champion", V1);
    registry.moveAlias("curation", V2);
    serve();
  }

  private void serve() {
    Config config = Config.defaults().with("blobs.dir", temp.resolve("blobs").toString());
    StoredFeatures features = new StoredFeatures(1 << 20);
    StreamTally tally = new StreamTally(InstantSource.system(), 10, features);
    ReleaseList releases = new ReleaseList(registry);
    ThumbnailStore thumbnails =
        new ThumbnailStore(BlobStores.open(config.section("blobs", BlobConfig.class)), 1 << 20);
    console = new ConsoleRoutes(tally, releases, thumbnails, Optional::empty);
    search = new ImageSearch(registry, features, 1 << 20);
    server =
        HttpServer.builder(HttpConfig.loopback())
            .routes(console::addTo)
            .routes(new RegistryRoutes(registry, releases, (manifest, alias) -> {})::addTo)
            .routes(new SearchRoutes(search, features, tally, 1 << 20)::addTo)
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    console.close();
    search.close();
  }

  private Path aliasFile(String alias) {
    return temp.resolve("registry/aliases").resolve(alias + ".json");
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = client.send(request(path).build(), BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), path + ": " + answer.body());
    return JSON.readTree(answer.body());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.uri() + path));
  }

  private HttpResponse<String> searchIn(String query) throws Exception {
    return client.send(
        request("/api/v1/search" + query)
            .header("Content-Type", "image/png")
            .POST(BodyPublishers.ofByteArray(IMAGE))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void anAlteredAliasIsShownAsSuchAndHidesNoOther() throws Exception {
    AlteredFile altered = AlteredFile.of(aliasFile("curation"));
    JsonNode overview = json("/api/v1/overview");
    assertEquals("[\"curation\"]", overview.at("/altered_aliases").toString());
    assertEquals("freshet@1", overview.at("/champion").asText());
    assertEquals("[\"champion\"]", overview.at("/releases/0/aliases").toString());
    assertEquals("[]", overview.at("/releases/1/aliases").toString());
    assertEquals(2, json("/api/v1/models").size());

    altered.mend();
    overview = json("/api/v1/overview");
    assertEquals("[]", overview.at("/altered_aliases").toString());
    assertEquals("[\"curation\"]", overview.at("/releases/1/aliases").toString());
  }

  @Test
  void aGarbageChampionLeavesTheConsoleWithoutAChampionUntilItIsMoved() throws Exception {
    Files.write(aliasFile("champion"), new byte[] {0, -1, 7});
    JsonNode overview = json("/api/v1/overview");
    assertTrue(overview.at("/champion").isNull(), overview.toString());
    assertEquals("[\"champion\"]", overview.at("/altered_aliases").toString());
    assertEquals("[]", overview.at("/releases/0/champion_periods").toString());
    registry.moveAlias("champion", V2, "mended");
    assertEquals("freshet@2", json("/api/v1/overview").at("/champion").asText());
  }

  @Test
  void theSearchGoesOnInTheChampionsSpaceOfBefore() throws Exception {
    assertEquals(SPACE, json("/api/v1/spaces").at("/champion").asText());
    assertEquals(200, searchIn("").statusCode());
    AlteredFile altered = AlteredFile.of(aliasFile("champion"));
    assertEquals(SPACE, json("/api/v1/spaces").at("/champion").asText());
    assertEquals(200, searchIn("").statusCode());
    altered.mend();
    registry.moveAlias("champion", V2);
    assertEquals("freshet@2/features/l2", json("/api/v1/spaces").at("/champion").asText());
  }

  @Test
  void aSearchSaysThatTheReleaseWasAlteredAndWorksWhenItIsMended() throws Exception {
    AlteredFile altered = AlteredFile.of(weights);
    refusedAsAltered(searchIn("?space=" + SPACE));
    assertEquals(200, searchIn("?space=freshet@2/features/l2").statusCode());
    altered.mend();
    assertEquals(200, searchIn("?space=" + SPACE).statusCode());
  }

  @Test
  void aSearchWithoutASpaceSaysThatTheChampionWasAlteredWhereNoneIsKnownOfBefore()
      throws Exception {
    AlteredFile altered = AlteredFile.of(aliasFile("champion"));
    assertTrue(json("/api/v1/spaces").at("/champion").isNull());
    refusedAsAltered(searchIn(""));
    assertEquals(200, searchIn("?space=" + SPACE).statusCode());
    altered.mend();
    assertEquals(200, searchIn("").statusCode());
  }

  private void refusedAsAltered(HttpResponse<String> answer) {
    assertEquals(500, answer.statusCode(), answer.body());
    assertEquals(Optional.of("true"), answer.headers().firstValue("Freshet-Altered"));
    assertTrue(answer.body().contains("was altered in the registry"), answer.body());
    assertTrue(answer.body().contains("restore this one"), answer.body());
    assertFalse(answer.body().contains(temp.toString()), answer.body());
    assertFalse(answer.body().getBytes(StandardCharsets.UTF_8).length > 1_000);
  }
}
