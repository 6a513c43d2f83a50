package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.http.HttpConfig;
import io.freshet.platform.http.HttpServer;
import io.freshet.platform.registry.AliasMove;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.RegistryException;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.platform.registry.SigningConfig;
import io.freshet.platform.testing.KeyFiles;
import io.freshet.platform.testing.PlainRelease;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry's HTTP API over a real directory, and the catalog that talks to it. */
class RegistryRoutesTest {
  private static final String READ = "a-token-for-reading-1";
  private static final String PROMOTE = "a-token-for-promoting-1";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] WEIGHTS = new byte[300_000];
  private static final ModelVersion V1 = new ModelVersion("freshet", 1);
  private static final ModelVersion V2 = new ModelVersion("freshet", 2);

  static {
    new Random(1).nextBytes(WEIGHTS);
  }

  @TempDir private Path temp;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> announced = new ArrayList<>();
  private ModelRegistry registry;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    Path staged = Files.createDirectories(temp.resolve("staged/onnx"));
    Files.write(staged.resolve("model.onnx"), WEIGHTS);
    Files.writeString(temp.resolve("staged/config.json"), "{}");
    registry =
        ModelRegistries.open(
            new RegistryConfig(
                temp.resolve("registry"),
                new RegistryConfig(temp).retention(),
                new SigningConfig(Optional.of(KeyFiles.in(temp, "signing").key()), List.of())));
    registry.publish("freshet", temp.resolve("staged"), PlainRelease.at(1));
    registry.publish("freshet", temp.resolve("staged"), PlainRelease.at(2));
    registry.moveAlias("champion", V1, "first");
    HttpConfig config =
        new HttpConfig(
            "127.0.0.1",
            0,
            Optional.of(Files.writeString(temp.resolve("read"), READ)),
            Optional.of(Files.writeString(temp.resolve("promote"), PROMOTE)));
    RegistryRoutes routes =
        new RegistryRoutes(
            registry,
            new ReleaseList(registry),
            (manifest, alias) -> announced.add(alias + "=" + manifest.id()));
    server = HttpServer.builder(config).routes(routes::addTo).start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyReleaseTellsWhenItWasChampion() throws Exception {
    registry.moveAlias("champion", V2, "second");
    registry.moveAlias("champion", V1, "back");
    JsonNode releases = JSON.readTree(get("/api/v1/models").body());
    List<AliasMove> moves = registry.aliasHistory("champion");
    JsonNode first = releases.at("/0/champion_periods");
    assertEquals(2, first.size());
    assertEquals(moves.get(1).movedAt().toString(), first.at("/0/until").asText());
    assertTrue(first.at("/1/until").isNull(), first.toString());
    JsonNode second = releases.at("/1/champion_periods");
    assertEquals(1, second.size());
    assertEquals(moves.get(1).movedAt().toString(), second.at("/0/from").asText());
    assertEquals(moves.get(0).movedAt().toString(), second.at("/0/until").asText());
  }

  @Test
  void theDescriptionIsWhatIsServed() throws Exception {
    JsonNode description = JSON.readTree(get("/api/v1/openapi.json").body());
    assertEquals("3.1.0", description.at("/openapi").asText());
    description
        .findValues("$ref")
        .forEach(
            reference ->
                assertFalse(
                    description.at(reference.asText().substring(1)).isMissingNode(),
                    reference.asText()));
    assertEquals(
        Set.of(
            "name",
            "version",
            "step",
            "images_seen",
            "metrics",
            "published_at",
            "altered",
            "aliases",
            "champion_periods"),
        fields(JSON.readTree(get("/api/v1/models").body()).get(0)));
    assertEquals(
        fields(description.at("/components/schemas/ReleaseLine/properties")),
        fields(JSON.readTree(get("/api/v1/models").body()).get(0)));
    assertEquals(
        fields(description.at("/components/schemas/Release/properties")),
        fields(JSON.readTree(get("/api/v1/models/freshet/1").body())));
    assertEquals(
        fields(description.at("/components/schemas/Alias/properties")),
        fields(JSON.readTree(get("/api/v1/aliases/champion").body())));
  }

  @Test
  void answersConditionalRequestsByTheEntityTag() throws Exception {
    for (String path : paths()) {
      if (path.endsWith("rollback")) {
        continue;
      }
      String etag = get(path).headers().firstValue("ETag").orElseThrow();
      for (String known : List.of(etag, "W/" + etag, "\"x\", " + etag, "*")) {
        HttpResponse<byte[]> again = send("GET", path, READ, "If-None-Match", known);
        assertEquals(304, again.statusCode(), path);
        assertEquals(0, again.body().length, path);
      }
      assertEquals(200, send("GET", path, READ, "If-None-Match", "\"x\"").statusCode(), path);
      HttpResponse<byte[]> head = send("HEAD", path, READ);
      assertEquals(etag, head.headers().firstValue("ETag").orElseThrow());
      assertEquals(0, head.body().length);
    }
    String before = get("/api/v1/aliases").headers().firstValue("ETag").orElseThrow();
    registry.moveAlias("champion", V2, "second");
    assertEquals(200, send("GET", "/api/v1/aliases", READ, "If-None-Match", before).statusCode());
  }

  @Test
  void servesByteRanges() throws Exception {
    String file = "/api/v1/models/freshet/1/files/onnx/model.onnx";
    String etag = get(file).headers().firstValue("ETag").orElseThrow();
    int size = WEIGHTS.length;
    for (int[] range : new int[][] {{0, 0}, {0, 99}, {100, size - 1}, {size - 1, size + 50}}) {
      HttpResponse<byte[]> part =
          send("GET", file, READ, "Range", "bytes=%d-%d".formatted(range[0], range[1]));
      assertEquals(206, part.statusCode());
      int last = Math.min(range[1], size - 1);
      assertEquals(
          "bytes %d-%d/%d".formatted(range[0], last, size),
          part.headers().firstValue("Content-Range").orElseThrow());
      assertArrayEquals(Arrays.copyOfRange(WEIGHTS, range[0], last + 1), part.body());
    }
    assertArrayEquals(
        Arrays.copyOfRange(WEIGHTS, size - 7, size),
        send("GET", file, READ, "Range", "bytes=-7").body());
    assertArrayEquals(
        Arrays.copyOfRange(WEIGHTS, 9, size),
        send("GET", file, READ, "Range", "bytes=9-", "If-Range", etag).body());
    assertEquals(
        200, send("GET", file, READ, "Range", "bytes=9-", "If-Range", "\"old\"").statusCode());
    assertEquals(416, send("GET", file, READ, "Range", "bytes=" + size + "-").statusCode());
    assertEquals(416, send("GET", file, READ, "Range", "bytes=9-3").statusCode());
    for (String none : List.of("bytes=-", "bytes=1-2,5-6", "lines=1-2", "bytes=x-y", "")) {
      assertEquals(200, send("GET", file, READ, "Range", none).statusCode(), none);
    }
  }

  @Test
  void noPathReachesAnythingThatIsNotPublished() throws Exception {
    Files.writeString(temp.resolve("registry/secret"), "secret");
    Set<String> paths = new LinkedHashSet<>();
    for (String up : List.of("..", "%2e%2e", "%252e%252e", ".%2e", "%c0%ae%c0%ae", "..;", "...")) {
      for (String slash : List.of("/", "%2f", "%5c", "\\", "//", "%252f", "/./")) {
        for (String goal : List.of("secret", "etc/passwd", "manifest.json", "config.json%00")) {
          String climb = (up + slash).repeat(4) + goal;
          paths.add("/api/v1/models/freshet/1/files/" + climb);
          paths.add("/api/v1/models/freshet/" + climb);
          paths.add("/api/v1/models/" + climb + "/1");
          paths.add("/api/v1/aliases/" + climb);
        }
      }
    }
    for (String name : List.of("A", "-a", ".a", "a%20b", "a%0d%0ab", "é", "x".repeat(65), "a*")) {
      paths.add("/api/v1/models/" + name + "/1");
      paths.add("/api/v1/aliases/" + name);
    }
    for (String path :
        List.of("/etc/passwd", "manifest.json", "", "onnx", "onnx/", "./config.json")) {
      paths.add("/api/v1/models/freshet/1/files/" + path);
    }
    assertTrue(paths.size() >= 500, "only " + paths.size() + " paths");
    for (String path : paths) {
      int status = rawStatus(path);
      assertTrue(status == 400 || status == 404, path + " gave " + status);
    }
  }

  @Test
  void promotesAndRollsBackAndTellsTheFeatures() throws Exception {
    String etag = get("/api/v1/aliases/champion").headers().firstValue("ETag").orElseThrow();
    assertEquals(
        412,
        move(
                "champion",
                "{\"target\":\"freshet@2\",\"reason\":\"weakly\"}",
                "If-Match",
                "W/" + etag)
            .statusCode(),
        "a weak tag matches nothing");
    HttpResponse<byte[]> moved =
        move("champion", "{\"target\":\"freshet@2\",\"reason\":\"better\"}", "If-Match", etag);
    assertEquals(200, moved.statusCode());
    assertEquals("freshet@2", JSON.readTree(moved.body()).at("/target").asText());
    assertEquals(
        412,
        move("champion", "{\"target\":\"freshet@1\",\"reason\":\"late\"}", "If-Match", etag)
            .statusCode());
    assertEquals(Optional.of("over HTTP: better"), registry.aliasReason("champion"));

    HttpResponse<byte[]> back =
        send("POST", "/api/v1/aliases/champion/rollback", PROMOTE, "{\"reason\":\"blurs\"}");
    assertEquals(200, back.statusCode());
    assertEquals(Optional.of(V1), registry.resolve("champion"));
    assertEquals(
        Optional.of("back from freshet@2: over HTTP: blurs"), registry.aliasReason("champion"));
    assertEquals(List.of("champion=freshet@2", "champion=freshet@1"), announced);
  }

  @Test
  void refusesMovesThatCannotBeMeant() throws Exception {
    for (String body :
        List.of(
            "",
            "[]",
            "{",
            "{\"target\":\"freshet@2\"}",
            "{\"target\":\"freshet@2\",\"reason\":\" \"}",
            "{\"target\":\"freshet@2\",\"reason\":\"%s\"}".formatted("x".repeat(901)))) {
      assertEquals(400, move("champion", body).statusCode(), body);
    }
    for (String target : List.of("freshet@9", "nobody", "../x", "x".repeat(5_000))) {
      String body = "{\"target\":\"%s\",\"reason\":\"r\"}".formatted(target);
      assertEquals(404, move("champion", body).statusCode(), target);
    }
    registry.moveAlias("candidate", V2, "only one");
    assertEquals(
        409,
        send("POST", "/api/v1/aliases/candidate/rollback", PROMOTE, "{\"reason\":\"r\"}")
            .statusCode());
    assertEquals(
        404,
        send("POST", "/api/v1/aliases/nobody/rollback", PROMOTE, "{\"reason\":\"r\"}")
            .statusCode());
    assertEquals(List.of(), announced);
  }

  @Test
  void movesNoAliasToOrFromWhatWasAltered() throws Exception {
    Path manifest = temp.resolve("registry/models/freshet/versions/2/manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("\"step\" : 2", "\"step\" : 3"));
    refusedAsAltered(move("champion", "{\"target\":\"freshet@2\",\"reason\":\"r\"}"));
    Files.writeString(temp.resolve("registry/aliases/champion.json"), "{}");
    refusedAsAltered(
        send("POST", "/api/v1/aliases/champion/rollback", PROMOTE, "{\"reason\":\"r\"}"));
    assertEquals(List.of(), announced);
  }

  @Test
  void anAlteredReleaseIsListedAsSuchAndHidesNoOther() throws Exception {
    Path manifest = temp.resolve("registry/models/freshet/versions/1/manifest.json");
    String intact = Files.readString(manifest);
    ReleaseCatalog remote = catalog(READ);
    Files.writeString(manifest, intact.replace("\"step\" : 1", "\"step\" : 3"));
    JsonNode releases = JSON.readTree(get("/api/v1/models").body());
    assertEquals(2, releases.size());
    assertTrue(releases.at("/0/altered").asBoolean(), releases.toString());
    assertTrue(releases.at("/0/published_at").isNull(), releases.toString());
    assertEquals("champion", releases.at("/0/aliases/0").asText());
    assertFalse(releases.at("/1/altered").asBoolean(), releases.toString());
    assertEquals(2, releases.at("/1/step").asInt());
    assertEquals(Optional.empty(), remote.intactManifest(V1));
    assertEquals(
        List.of(V2), remote.intactManifests("freshet").stream().map(Manifest::id).toList());

    Files.writeString(manifest, intact);
    assertFalse(JSON.readTree(get("/api/v1/models").body()).at("/0/altered").asBoolean());
    assertEquals(2, remote.intactManifests("freshet").size());
  }

  private void refusedAsAltered(HttpResponse<byte[]> answer) {
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    assertEquals(500, answer.statusCode(), body);
    assertTrue(body.contains("was altered in the registry"), body);
    assertFalse(body.contains(temp.toString()), body);
  }

  @Test
  void theCatalogOverHttpSeesWhatTheDirectorySees() {
    ReleaseCatalog remote = catalog(PROMOTE);
    assertEquals(registry.versions(), remote.versions());
    assertEquals(registry.aliases(), remote.aliases());
    assertEquals(registry.resolve("champion"), remote.resolve("champion"));
    assertEquals(registry.resolve("freshet@2"), remote.resolve("freshet@2"));
    assertEquals(Optional.empty(), remote.resolve("freshet@3"));
    assertEquals(Optional.empty(), remote.resolve("nobody"));
    assertEquals(registry.manifest(V1), remote.manifest(V1));
    remote.moveAlias("champion", V2, "r");
    assertEquals(registry.aliasHistory("champion"), remote.aliasHistory("champion"));
    assertEquals(V1, remote.rollback("champion", "r"));
    String refusal =
        assertThrows(RegistryException.class, () -> catalog(READ).moveAlias("champion", V2, "r"))
            .getMessage();
    assertTrue(refusal.contains("403: this token may read but not promote"), refusal);
    assertFalse(refusal.contains(READ), refusal);
  }

  @Test
  void pullsAVerifiedCopyOrNothing() throws IOException {
    ReleaseCatalog remote = catalog(READ);
    Manifest manifest = remote.manifest(V1);
    Path to = temp.resolve("pulled/v1");
    long[] bytes = new long[1];
    ReleasePull pull = new ReleasePull(remote, count -> bytes[0] += count);
    assertTrue(pull.pull(manifest, to));
    assertEquals(WEIGHTS.length + 2, bytes[0]);
    assertArrayEquals(WEIGHTS, Files.readAllBytes(to.resolve("onnx/model.onnx")));
    assertArrayEquals(
        registry.signature(V1).orElseThrow(), Files.readAllBytes(to.resolve("manifest.sig")));
    assertFalse(pull.pull(manifest, to));
    assertThrows(IllegalArgumentException.class, () -> pull.pull(remote.manifest(V2), to));

    Path weights = temp.resolve("registry/models/freshet/versions/2/onnx/model.onnx");
    byte[] altered = WEIGHTS.clone();
    altered[7] ^= 1;
    assertTrue(weights.toFile().setWritable(true));
    Files.write(weights, altered);
    ReleasePull local = new ReleasePull(registry, count -> {});
    assertThrows(
        ReleaseAlteredException.class,
        () -> local.pull(registry.manifest(V2), temp.resolve("pulled/v2")));
    RegistryException refused =
        assertThrows(
            RegistryException.class,
            () -> pull.pull(remote.manifest(V2), temp.resolve("pulled/v2")));
    assertTrue(refused.getMessage().contains("was altered in the registry"), refused.getMessage());
    assertFalse(refused.getMessage().contains(temp.toString()), refused.getMessage());
    try (Stream<Path> left = Files.list(temp.resolve("pulled"))) {
      assertEquals(List.of(to), left.toList());
    }
  }

  private ReleaseCatalog catalog(String token) {
    return ModelRegistries.catalog(server.uri().toString(), Optional.of(token));
  }

  /** Every described path, with names that exist. */
  private List<String> paths() throws Exception {
    List<String> paths = new ArrayList<>();
    description().at("/paths").fieldNames().forEachRemaining(path -> paths.add(concrete(path)));
    return paths;
  }

  private static String concrete(String path) {
    return path.replace("{name}", "freshet")
        .replace("{version}", "1")
        .replace("{alias}", "champion")
        .replace("{path}", "onnx/model.onnx");
  }

  private JsonNode description() throws Exception {
    return JSON.readTree(get("/api/v1/openapi.json").body());
  }

  private static Set<String> fields(JsonNode object) {
    Set<String> names = new LinkedHashSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return Set.copyOf(names);
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = send("GET", path, READ);
    assertEquals(200, response.statusCode(), path);
    return response;
  }

  private HttpResponse<byte[]> move(String alias, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.uri() + "/api/v1/aliases/" + alias))
            .header("Authorization", "Bearer " + PROMOTE)
            .PUT(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> send(String method, String path, String token, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.uri() + path))
            .header("Authorization", "Bearer " + token)
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> send(String method, String path, String token)
      throws IOException, InterruptedException {
    return send(method, path, token, "User-Agent", "test");
  }

  private HttpResponse<byte[]> send(
      String method, String path, String token, String header, String value, String... more)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.uri() + path))
            .method(method, BodyPublishers.noBody());
    request.header(header, value);
    if (more.length > 0) {
      request.headers(more);
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** Over a socket: a client library would tidy the path up. */
  private int rawStatus(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(path, READ)
              .getBytes(StandardCharsets.UTF_8));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return Integer.parseInt(in.readLine().split(" ", -1)[1]);
    }
  }
}
