package io.freshet.sink.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.http.HttpConfig;
import io.freshet.platform.http.HttpServer;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages of a real server, one of which stops reading. */
class EventFanoutIT {
  /** A dozen are more than the buffers of a connection hold. */
  private static final String PADDING = "x".repeat(2 << 20);

  private static final int STATES = 12;

  @Test
  @Timeout(120)
  void aPageThatStopsReadingHoldsUpNoOther() throws Exception {
    CountDownLatch added = new CountDownLatch(2);
    AtomicInteger sent = new AtomicInteger();
    ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
    try (EventFanout pages = new EventFanout(2);
        HttpServer server =
            HttpServer.builder(HttpConfig.loopback())
                .routes(
                    routes ->
                        routes.sse(
                            "/events",
                            client -> {
                              pages.add(client, "state", "first");
                              added.countDown();
                            }))
                .start();
        Socket stalled = new Socket()) {
      stalled.setReceiveBufferSize(4_096);
      stalled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
      stalled
          .getOutputStream()
          .write(
              "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
                  .getBytes(UTF_8));
      HttpResponse<InputStream> events =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(server.uri().resolve("/events"))
                      .header("Accept", "text/event-stream")
                      .timeout(Duration.ofSeconds(60))
                      .build(),
                  HttpResponse.BodyHandlers.ofInputStream());
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), UTF_8))) {
        assertTrue(added.await(60, TimeUnit.SECONDS));
        var unused =
            ticker.scheduleAtFixedRate(
                () -> pages.send("state", sent.incrementAndGet() + PADDING),
                50,
                50,
                TimeUnit.MILLISECONDS);
        assertEquals(
            STATES,
            lines.lines().filter(line -> line.startsWith("data: ")).skip(1).limit(STATES).count());
        assertTrue(pages.isFull(), "the stalled page is still connected");
      }
    } finally {
      ticker.shutdownNow();
    }
  }
}
