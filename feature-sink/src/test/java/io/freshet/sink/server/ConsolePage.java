package io.freshet.sink.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.platform.testing.FreshetCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * The console's page in a real browser. One cluster, one server and one browser serve all classes
 * of a run that ask for it; without a Chromium on the {@code PATH} they are skipped.
 */
final class ConsolePage implements BeforeAllCallback {
  static final String TOKEN = "a-token-for-promoting-1";

  private static final Namespace KEY = Namespace.create(ConsolePage.class);

  private Running running;

  /** What is started once and closed when all tests are through. */
  private record Running(
      FreshetCluster cluster, PageStream stream, ConsoleServer server, Chromium browser)
      implements AutoCloseable {
    static Running start(Path chromium) {
      try {
        Path token = Files.writeString(Files.createTempFile("promote", ".token"), TOKEN);
        FreshetCluster cluster =
            FreshetCluster.create()
                .with("http.port", "0")
                .with("http.promote_token_file", token.toString());
        cluster.start();
        PageStream stream = PageStream.into(cluster);
        ConsoleServer server = ConsoleServer.start(cluster.config());
        Chromium browser = Chromium.start(chromium, Files.createTempDirectory("chromium"));
        return new Running(cluster, stream, server, browser);
      } catch (Exception e) {
        throw new IllegalStateException("the page can't be shown", e);
      }
    }

    @Override
    public void close() throws IOException {
      browser.close();
      server.close();
      cluster.stop();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Optional<Path> binary = Chromium.installed();
    assumeTrue(binary.isPresent(), "no Chromium on the PATH");
    running =
        context
            .getRoot()
            .getStore(KEY)
            .getOrComputeIfAbsent("page", key -> Running.start(binary.get()), Running.class);
  }

  PageStream stream() {
    return running.stream();
  }

  Chromium browser() {
    return running.browser();
  }

  /** Shows a view, named by the address's fragment, and waits until it is live. */
  void view(String fragment) throws Exception {
    browser().open("about:blank");
    browser().open(running.server().address() + "/console/index.html#/" + fragment);
    browser().await("document.getElementById('link')?.textContent === 'live'");
  }

  /** What the first element of a selector says; empty where there is none. */
  String text(String selector) throws Exception {
    return browser()
        .evaluate("document.querySelector(" + quoted(selector) + ")?.textContent ?? ''")
        .asText();
  }

  /** How many elements a selector has. */
  int count(String selector) throws Exception {
    return browser().evaluate("document.querySelectorAll(" + quoted(selector) + ").length").asInt();
  }

  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
