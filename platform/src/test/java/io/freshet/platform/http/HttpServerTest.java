package io.freshet.platform.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import io.javalin.http.BadRequestResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {
  private static final String TOKEN = "correct-horse-battery";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW");
  private static final List<String> ROUTES =
      List.of("/", "/hello/you", "/fails", "/metrics", "/missing", "/files/page.html", "/events");

  @TempDir Path temp;
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicBoolean healthy = new AtomicBoolean(true);
  private HttpServer server;

  @BeforeEach
  void start() {
    server = start(HttpConfig.loopback());
  }

  private HttpServer start(HttpConfig config) {
    return HttpServer.builder(config)
        .health("broker", healthy::get)
        .resources("/files", "io/freshet/platform/http/files")
        .routes(
            routes -> {
              routes.get("/hello/{name}", c -> c.result("hello " + c.pathParam("name")));
              routes.get("/refuses", c -> refuse("no such <b>thing</b>"));
              routes.get("/fails", c -> fail("secret of the disk"));
              routes.get("/echo", c -> c.result(Integer.toString(c.body().length())));
              routes.sse(
                  "/events",
                  events -> {
                    events.sendEvent("count", "1");
                    events.sendEvent("count", "2");
                    events.keepAlive();
                  });
            })
        .start();
  }

  private static void refuse(String message) {
    throw new BadRequestResponse(message);
  }

  private static void fail(String message) throws IOException {
    throw new IOException(message);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> send(HttpServer to, String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(to.uri() + path)).method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(server, "GET", path);
  }

  private static void assertHardened(HttpResponse<?> response) {
    String policy = response.headers().firstValue("Content-Security-Policy").orElse("none");
    assertTrue(policy.startsWith("default-src 'self';"), response + " has policy " + policy);
    SecurityHeaders.ALL.forEach(
        (name, value) ->
            assertEquals(List.of(value), response.headers().allValues(name), response.toString()));
    assertEquals(Optional.empty(), response.headers().firstValue("Server"));
  }

  @Test
  void servesTheRoutesOfItsCaller() throws IOException, InterruptedException {
    HttpResponse<String> response = get("/hello/you");
    assertEquals(200, response.statusCode());
    assertEquals("hello you", response.body());
    assertHardened(response);
  }

  @Test
  void servesFilesOfTheClassPathAndNothingBesideThem() throws IOException, InterruptedException {
    HttpResponse<String> page = get("/files/page.html");
    assertEquals("<!doctype html><title>page</title>\n", page.body());
    assertHardened(page);
    for (String attack :
        List.of(
            "/files/../HttpServerTest.class",
            "/files/%2e%2e/HttpServerTest.class",
            "/files/..%2fHttpServerTest.class",
            "/files/%252e%252e/HttpServerTest.class",
            "/files/..;/HttpServerTest.class",
            "/files//../HttpServerTest.class",
            "/files/%5c..%5cHttpServerTest.class",
            "/files/page.html%00.txt",
            "/files/")) {
      int status = raw("GET " + attack + " HTTP/1.1\r\nHost: localhost\r\nConnection: close");
      assertTrue(status == 400 || status == 404, attack + " gave " + status);
    }
  }

  /** Sends bytes as they are, since clients clean up paths. */
  private int raw(String head) throws IOException {
    return Integer.parseInt(rawResponse(head).split(" ", 3)[1]);
  }

  private String rawResponse(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void tellsItsHealth() throws IOException, InterruptedException {
    assertEquals("{\"status\":\"up\",\"checks\":{\"broker\":\"up\"}}", sorted(get("/healthz")));
    healthy.set(false);
    HttpResponse<String> response = get("/healthz");
    assertEquals(503, response.statusCode());
    assertTrue(response.body().contains("\"broker\":\"down\""), response.body());
    assertHardened(response);
  }

  /** Maps have no order, the two fields come either way. */
  private static String sorted(HttpResponse<String> response) {
    assertEquals(200, response.statusCode());
    return response.body().startsWith("{\"checks\"")
        ? "{\"status\":\"up\",\"checks\":{\"broker\":\"up\"}}"
        : response.body();
  }

  @Test
  void publishesMetricsByRouteNotByPath() throws IOException, InterruptedException {
    get("/hello/first");
    get("/hello/second");
    get("/no/such/path");
    String metrics = get("/metrics").body();
    assertTrue(metrics.contains("jvm_memory_used_bytes"), metrics);
    assertTrue(metrics.contains("route=\"/hello/{name}\""), metrics);
    assertFalse(metrics.contains("first"), metrics);
    assertFalse(metrics.contains("such"), metrics);
  }

  @Test
  void answersErrorsAsJson() throws IOException, InterruptedException {
    HttpResponse<String> missing = get("/missing");
    assertEquals(404, missing.statusCode());
    assertTrue(missing.body().startsWith("{\"error\":{\"message\":\""), missing.body());
    assertTrue(missing.body().endsWith("\"status\":404}}"), missing.body());
    assertEquals(405, send(server, "POST", "/hello/you").statusCode());
    HttpResponse<String> refused = get("/refuses");
    assertEquals(400, refused.statusCode());
    assertEquals(
        "{\"error\":{\"message\":\"no such <b>thing</b>\",\"status\":400}}", refused.body());
    for (HttpResponse<String> response : List.of(missing, refused)) {
      assertHardened(response);
      assertEquals(
          "application/json", response.headers().firstValue("Content-Type").orElse("none"));
    }
  }

  @Test
  void keepsItsInsidesToItself() throws IOException, InterruptedException {
    HttpResponse<String> response = get("/fails");
    assertEquals(500, response.statusCode());
    assertTrue(response.body().contains("incident "), response.body());
    for (String inside : List.of("secret", "IOException", "java", "at io.freshet")) {
      assertFalse(response.body().contains(inside), response.body());
    }
    assertHardened(response);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /hello/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close",
        "GET /hello/a%00b HTTP/1.1\r\nHost: localhost\r\nConnection: close",
        "GET /a/%2e%2e/b HTTP/1.1\r\nHost: localhost\r\nConnection: close",
        "GET /hello HTTP/1.1\r\nConnection: close",
        "NONSENSE",
        "GET / HTTP/9.9\r\nHost: localhost\r\nConnection: close"
      })
  void answersMalformedRequestsWithoutInsides(String head) throws IOException {
    String response = rawResponse(head);
    int status = Integer.parseInt(response.split(" ", 3)[1]);
    assertTrue(status >= 400 && status < 506, response);
    assertFalse(response.contains("Jetty"), response);
    assertFalse(response.contains("\tat "), response);
    assertTrue(response.contains("nosniff"), response);
    assertTrue(response.contains("{\"error\":{"), response);
  }

  @Test
  void refusesForeignNamesWithoutAToken() throws IOException {
    for (String name :
        List.of("evil.example", "127.0.0.1.evil.example", "localhost.evil", "[::2]")) {
      String head = "GET /hello/you HTTP/1.1\r\nHost: " + name + "\r\nConnection: close";
      assertEquals(421, raw(head), name);
    }
    for (String name : List.of("localhost", "127.0.0.1:80", "[::1]:80", "LOCALHOST")) {
      String head = "GET /hello/you HTTP/1.1\r\nHost: " + name + "\r\nConnection: close";
      assertEquals(200, raw(head), name);
    }
  }

  @Test
  void streamsEvents() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.uri() + "/events"))
            .header("Accept", "text/event-stream")
            .header("Accept-Encoding", "gzip")
            .build();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    assertHardened(response);
    assertEquals(Optional.empty(), response.headers().firstValue("Content-Encoding"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      assertEquals("event: count", lines.readLine());
      assertEquals("data: 1", lines.readLine());
      assertEquals("", lines.readLine());
      assertEquals("event: count", lines.readLine());
      assertEquals("data: 2", lines.readLine());
    }
  }

  private HttpConfig withToken() throws IOException {
    Path file = Files.writeString(temp.resolve("token"), TOKEN + "\n");
    return new HttpConfig("0.0.0.0", 0, Optional.of(file));
  }

  @Test
  void letsNobodyInWithoutTheToken() throws IOException, InterruptedException {
    String basic =
        Base64.getEncoder().encodeToString(("any:" + TOKEN + "x").getBytes(StandardCharsets.UTF_8));
    List<String> wrong =
        List.of(
            "Bearer wrong-horse-battery",
            "Bearer " + TOKEN + "x",
            "Bearer",
            "Bearer ",
            TOKEN,
            "Basic " + basic,
            "Basic !!!",
            "Digest " + TOKEN,
            "Bearer " + "x".repeat(4_000));
    try (HttpServer guarded = start(withToken())) {
      for (String route : ROUTES) {
        for (String method : METHODS) {
          HttpResponse<String> none = send(guarded, method, route);
          assertEquals(401, none.statusCode(), method + " " + route);
          assertHardened(none);
          for (String header : wrong) {
            assertEquals(
                401,
                send(guarded, method, route, "Authorization", header).statusCode(),
                method + " " + route + " " + header);
          }
        }
      }
    }
  }

  @Test
  void letsTheTokenInEitherWay() throws IOException, InterruptedException {
    String basic =
        Base64.getEncoder().encodeToString(("me:" + TOKEN).getBytes(StandardCharsets.UTF_8));
    try (HttpServer guarded = start(withToken())) {
      for (String header : List.of("Bearer " + TOKEN, "bearer  " + TOKEN, "Basic " + basic)) {
        assertEquals(
            200, send(guarded, "GET", "/hello/you", "Authorization", header).statusCode(), header);
      }
      assertEquals(200, send(guarded, "GET", "/healthz").statusCode());
      HttpResponse<String> refused = send(guarded, "GET", "/hello/you");
      assertEquals(2, refused.headers().allValues("WWW-Authenticate").size());
      String metrics = send(guarded, "GET", "/metrics", "Authorization", "Bearer " + TOKEN).body();
      assertFalse(metrics.contains(TOKEN));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "8.8.8.8", "192.168.1.1"})
  void refusesToLeaveLoopbackWithoutAToken(String host) {
    HttpConfig open = new HttpConfig(host, 0, Optional.empty());
    String message = assertThrows(ConfigException.class, () -> start(open)).getMessage();
    assertTrue(message.contains("http.token_file"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "two words are not a token", "line1-line1-line1\nline2"})
  void refusesBadTokensWithoutShowingThem(String token) throws IOException {
    Path file = Files.writeString(temp.resolve("token"), token);
    HttpConfig config = new HttpConfig("127.0.0.1", 0, Optional.of(file));
    String message = assertThrows(ConfigException.class, () -> start(config)).getMessage();
    assertTrue(token.isEmpty() || !message.contains(token), message);
  }

  @Test
  void saysThatAPortIsTaken() {
    HttpConfig taken = new HttpConfig("127.0.0.1", server.port(), Optional.empty());
    String message = assertThrows(ConfigException.class, () -> start(taken)).getMessage();
    assertTrue(message.contains("http.port " + server.port()), message);
  }

  @Test
  void hasLoopbackAsItsDefault() {
    HttpConfig config = Config.defaults().section("http", HttpConfig.class);
    assertEquals(new HttpConfig("127.0.0.1", 8080, Optional.empty()), config);
    assertThrows(
        IllegalArgumentException.class,
        () -> new HttpConfig("127.0.0.1", 65_536, Optional.empty()));
  }
}
