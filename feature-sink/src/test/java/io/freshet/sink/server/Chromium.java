package io.freshet.sink.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One page of a headless Chromium, driven over its DevTools protocol. Remembers what the page
 * complains of: exceptions, refused content, failed requests.
 */
final class Chromium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  /** Where a Chromium is installed, if one is. */
  static Optional<Path> installed() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(":"))
        .flatMap(dir -> NAMES.stream().map(name -> Path.of(dir, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Chromium start(Path binary, Path profile) throws Exception {
    Process process =
        new ProcessBuilder(
                binary.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--window-size=1280,900",
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return new Chromium(process, port(profile));
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int port(Path profile) throws Exception {
    Path file = profile.resolve("DevToolsActivePort");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      if (Files.exists(file) && Files.readAllLines(file).size() >= 2) {
        return Integer.parseInt(Files.readAllLines(file).get(0));
      }
      Thread.sleep(50);
    }
    throw new IOException("the browser opened no port within " + PATIENCE);
  }

  private Chromium(Process process, int port) throws Exception {
    this.process = process;
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<String> pages =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json")).build(),
            HttpResponse.BodyHandlers.ofString());
    JsonNode page = null;
    for (JsonNode target : JSON.readTree(pages.body())) {
      if (target.path("type").asText().equals("page")) {
        page = target;
      }
    }
    socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(page.get("webSocketDebuggerUrl").asText()), new Listener())
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Runtime", "Log", "DOM")) {
      call(domain + ".enable", Map.of());
    }
    call("Performance.enable", Map.of("timeDomain", "threadTicks"));
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        received(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void received(String message) {
    try {
      JsonNode json = JSON.readTree(message);
      CompletableFuture<JsonNode> answer = answers.remove(json.path("id").asInt());
      if (answer != null) {
        answer.complete(json);
      } else if (json.path("method").asText().equals("Runtime.exceptionThrown")) {
        complaints.add(json.at("/params/exceptionDetails/exception/description").asText());
      } else if (json.path("method").asText().equals("Log.entryAdded")
          && json.at("/params/entry/level").asText().equals("error")) {
        complaints.add(
            json.at("/params/entry/text").asText() + " " + json.at("/params/entry/url").asText());
      }
    } catch (IOException e) {
      complaints.add(e.toString());
    }
  }

  JsonNode call(String method, Map<String, ?> parameters) throws Exception {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    socket.sendText(message.toString(), true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    JsonNode json = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (json.has("error")) {
      throw new IOException(method + ": " + json.get("error"));
    }
    return json.get("result");
  }

  void open(String url) throws Exception {
    call("Page.navigate", Map.of("url", url));
  }

  /** The value of an expression, which may be a promise. */
  JsonNode evaluate(String expression) throws Exception {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.get("exceptionDetails"));
    }
    return result.at("/result/value");
  }

  /** Waits until an expression is true. */
  void await(String expression) throws Exception {
    await(expression, PATIENCE);
  }

  void await(String expression, Duration patience) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "never true: %s; the page: %s; it complains: %s"
                .formatted(
                    expression, evaluate("document.body.innerText.slice(0, 2000)"), complaints));
      }
      Thread.sleep(50);
    }
  }

  /**
   * What the page's tasks have taken of a core: scripts, styles, layout. Other processes and the
   * wait for them are not in it.
   */
  double taskSeconds() throws Exception {
    for (JsonNode metric : call("Performance.getMetrics", Map.of()).get("metrics")) {
      if (metric.path("name").asText().equals("TaskDuration")) {
        return metric.get("value").asDouble();
      }
    }
    throw new IOException("the browser doesn't tell what its tasks took");
  }

  /** Presses and releases a key, such as {@code ArrowRight}. */
  void press(String key, int code) throws Exception {
    Map<String, Object> event = Map.of("key", key, "code", key, "windowsVirtualKeyCode", code);
    for (String type : List.of("rawKeyDown", "keyUp")) {
      Map<String, Object> parameters = new java.util.HashMap<>(event);
      parameters.put("type", type);
      call("Input.dispatchKeyEvent", parameters);
    }
  }

  /** Chooses a file in the page's file input. */
  void choose(String selector, Path file) throws Exception {
    JsonNode document = call("DOM.getDocument", Map.of());
    JsonNode node =
        call(
            "DOM.querySelector",
            Map.of("nodeId", document.at("/root/nodeId").asInt(), "selector", selector));
    call(
        "DOM.setFileInputFiles",
        Map.of("files", List.of(file.toString()), "nodeId", node.get("nodeId").asInt()));
  }

  List<String> complaints() {
    return new ArrayList<>(complaints);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
