package io.freshet.ingest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A small web site on 127.0.0.1. What it has no file for is answered with 404. */
final class PictureSite implements AutoCloseable {
  private record Item(int status, String contentType, byte[] body) {}

  private final Map<String, Item> items = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final Duration pause;
  private final HttpServer server;

  /**
   * @param pause before each answer
   */
  PictureSite(Duration pause) {
    this.pause = pause;
    try {
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      server = HttpServer.create(new InetSocketAddress(loopback, 0), 100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Thread.sleep(pause.toMillis());
      Item item =
          items.getOrDefault(
              exchange.getRequestURI().getPath(), new Item(404, "text/html", new byte[1]));
      exchange.getResponseHeaders().set("Content-Type", item.contentType());
      exchange.sendResponseHeaders(
          item.status(), item.body().length == 0 ? -1 : item.body().length);
      exchange.getResponseBody().write(item.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Serves {@code body} under {@code path}. */
  PictureSite put(String path, String contentType, byte[] body) {
    items.put(path, new Item(200, contentType, body));
    return this;
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(port(), path);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
