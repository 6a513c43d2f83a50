package io.freshet.sink.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.config.Config;
import io.freshet.platform.http.Route;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.sink.server.RawHttp.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every route that the server says it has, by every method, with every kind of credentials. */
class RouteAccessIT {
  private static final String READ = "a-token-for-reading-1";
  private static final String PROMOTE = "a-token-for-promoting-1";
  private static final Logger LOG = LoggerFactory.getLogger(RouteAccessIT.class);
  private static final String FILE = "onnx/model.onnx";

  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW");

  private static final List<String> FILES =
      List.of("/console/index.html", "/webjars/uplot/1.6.30/dist/uPlot.min.css");

  /** Whoever watches the process asks for these without a token. */
  private static final Set<String> PROBES = Set.of("/healthz", "/health");

  /** What takes a body and yet changes nothing. */
  private static final Set<Route> ASKING = Set.of(new Route("POST", "/api/v1/search"));

  /** Values that exist; a parameter that isn't here gets one that may not. */
  private static final Map<String, String> PARAMETERS =
      Map.of(
          "{name}", "freshet",
          "{version}", "1",
          "{alias}", "champion",
          "<path>", FILE,
          "{verdict}", "unique",
          "{id}", "e".repeat(64));

  @RegisterExtension
  static final FreshetCluster CLUSTER = FreshetCluster.create().with("http.port", "0");

  private static ModelRegistry registry;

  private final List<String> wrong = new ArrayList<>();
  private ConsoleServer server;

  /** What a request presents. */
  private enum Credentials {
    NONE(""),
    UNKNOWN("Bearer wrong-token-12345"),
    /** A browser would send it by itself, to a foreign page's request too. */
    PROMOTER_AS_PASSWORD(
        "Basic " + Base64.getEncoder().encodeToString(("x:" + PROMOTE).getBytes(UTF_8))),
    READER("Bearer " + READ),
    PROMOTER("Bearer " + PROMOTE);

    private final String header;

    Credentials(String header) {
      this.header = header;
    }
  }

  @BeforeAll
  static void publish() throws IOException {
    registry = ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class));
    Path staged = CLUSTER.directory().resolve("staged");
    Files.createDirectories(staged.resolve(FILE).getParent());
    Files.writeString(staged.resolve(FILE), "weights");
    registry.publish("freshet", staged, PlainRelease.at(1));
    registry.moveAlias("champion", new ModelVersion("freshet", 1));
  }

  @AfterEach
  void stop() {
    server.close();
    assertEquals(1, registry.aliasHistory("champion").size(), "nothing was moved");
  }

  private static ConsoleServer start(Map<String, String> tokens) throws IOException {
    Config config = CLUSTER.config();
    for (Map.Entry<String, String> token : tokens.entrySet()) {
      Path file = CLUSTER.directory().resolve(token.getKey());
      config =
          config.with(
              "http." + token.getKey(), Files.writeString(file, token.getValue()).toString());
    }
    return ConsoleServer.start(config);
  }

  @Test
  void aServerWithATokenLetsOnlyItsReadersReadAndOnlyPromotersChange() throws Exception {
    server = start(Map.of("token_file", READ, "promote_token_file", PROMOTE));
    tryAll(true);
  }

  @Test
  void aServerWithoutAReadersTokenIsReadByEveryoneAndChangedByPromotersOnly() throws Exception {
    server = start(Map.of("promote_token_file", PROMOTE));
    tryAll(false);
  }

  @Test
  void aServerWithoutTokensIsReadByEveryoneAndChangedByNobody() throws Exception {
    server = start(Map.of());
    for (Route route : server.routes()) {
      for (Credentials credentials : Credentials.values()) {
        Answer answer = ask(route.method(), route.path(), credentials);
        judge(changes(route) ? "401" : "in", answer, route.method() + " " + route.path());
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void filesNeedTheTokenTooAndAreOnlyRead() throws Exception {
    server = start(Map.of("token_file", READ, "promote_token_file", PROMOTE));
    for (String path : FILES) {
      for (String method : METHODS) {
        String request = method + " " + path;
        for (Credentials credentials : Credentials.values()) {
          Answer answer = ask(method, path, credentials);
          if (!Set.of(Credentials.READER, Credentials.PROMOTER).contains(credentials)) {
            judge("401", answer, request);
          } else if (Set.of("GET", "HEAD").contains(method)) {
            judge("200", answer, request);
          } else if (!Set.of(404, 405).contains(answer.status())) {
            wrong.add(request + ": " + answer.status());
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void everyRouteIsDescribed() throws Exception {
    server = start(Map.of());
    Set<String> described =
        new TreeSet<>(Set.of("GET /", "GET /health", "GET /healthz", "GET /metrics"));
    for (String description : List.of("openapi.json", "console-openapi.json")) {
      JsonNode paths =
          new ObjectMapper().readTree(RouteAccessIT.class.getResource(description)).at("/paths");
      for (Map.Entry<String, JsonNode> path : paths.properties()) {
        path.getValue()
            .fieldNames()
            .forEachRemaining(
                method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
      }
    }
    assertEquals(
        described,
        server.routes().stream()
            .map(route -> route.method() + " " + route.path().replace('<', '{').replace('>', '}'))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  private void tryAll(boolean closed) throws Exception {
    Map<String, Set<String>> served = new TreeMap<>();
    for (Route route : server.routes()) {
      served.computeIfAbsent(route.path(), path -> new TreeSet<>()).add(route.method());
    }
    int tried = 0;
    for (String path : served.keySet()) {
      for (String method : METHODS) {
        for (Credentials credentials : Credentials.values()) {
          boolean known = served.get(path).contains(method.equals("HEAD") ? "GET" : method);
          String expected =
              closed && !PROBES.contains(path)
                  ? ofClosed(new Route(method, path), known, credentials)
                  : ofOpen(new Route(method, path), known, credentials);
          judge(expected, ask(method, path, credentials), method + " " + path + " " + credentials);
          tried++;
        }
      }
    }
    LOG.info("{} requests to {} paths", tried, served.size());
    assertEquals(List.of(), wrong);
    assertTrue(tried > 20 * METHODS.size() * Credentials.values().length, tried + " tried");
  }

  private static String ofClosed(Route route, boolean known, Credentials credentials) {
    return switch (credentials) {
      case NONE, UNKNOWN, PROMOTER_AS_PASSWORD -> "401";
      case READER -> known && changes(route) ? "403" : ofOpen(route, known, Credentials.PROMOTER);
      case PROMOTER -> ofOpen(route, known, credentials);
    };
  }

  private static String ofOpen(Route route, boolean known, Credentials credentials) {
    if (!known) {
      return "405";
    }
    return changes(route) && credentials != Credentials.PROMOTER ? "401" : "in";
  }

  private static boolean changes(Route route) {
    return !Set.of("GET", "HEAD").contains(route.method()) && !ASKING.contains(route);
  }

  private void judge(String expected, Answer answer, String request) {
    boolean right =
        expected.equals("in")
            ? answer.status() < 500 && !Set.of(401, 403, 405).contains(answer.status())
            : Integer.toString(answer.status()).equals(expected);
    if (!right) {
      wrong.add(request + ": " + answer.status() + ", not " + expected);
    }
    if (answer.header("X-Content-Type-Options").isEmpty()) {
      wrong.add(request + ": without the security headers");
    }
  }

  private Answer ask(String method, String path, Credentials credentials) throws IOException {
    String concrete = path;
    for (Map.Entry<String, String> parameter : PARAMETERS.entrySet()) {
      concrete = concrete.replace(parameter.getKey(), parameter.getValue());
    }
    concrete = concrete.replaceAll("[{<][^}>]*[}>]", "x");
    return RawHttp.ask(
        server.address(),
        method + " " + concrete,
        Optional.of(credentials.header)
            .filter(header -> !header.isEmpty())
            .map(header -> "Authorization: " + header));
  }
}
