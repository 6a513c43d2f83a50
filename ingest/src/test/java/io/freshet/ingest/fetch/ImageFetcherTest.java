package io.freshet.ingest.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.RejectionReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects, names, retries and what a request tells of us. */
class ImageFetcherTest {
  private static final byte[] PICTURE = {1, 2, 3, 4, 5};

  private RawServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new RawServer();
    server.on("/a.png", RawServer.body("Content-Length: 5\r\n", PICTURE));
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private FetchResult fetch(String target) throws InterruptedException {
    return fetch(target, Fetching.config());
  }

  private FetchResult fetch(String target, FetchConfig config) throws InterruptedException {
    try (ImageFetcher fetcher = Fetching.fetcher(server, config)) {
      return fetcher.fetch(server.url(target));
    }
  }

  private static void assertRefused(RejectionReason reason, String detail, FetchResult result) {
    FetchResult.Refused refused = assertInstanceOf(FetchResult.Refused.class, result);
    assertEquals(reason, refused.reason(), refused.detail());
    assertTrue(refused.detail().contains(detail), refused.detail());
  }

  @Test
  void fetchesTheBody() throws Exception {
    FetchResult.Fetched fetched = assertInstanceOf(FetchResult.Fetched.class, fetch("/a.png"));
    assertArrayEquals(PICTURE, fetched.body());
    assertEquals(0, fetched.hops());
  }

  @Test
  void tellsWhoAsksAndNothingElse() throws Exception {
    server.on("/set", "HTTP/1.1 302 Found\r\nSet-Cookie: id=7\r\nLocation: /a.png\r\n\r\n");
    fetch("/set");
    List<String> second = server.requests().get(1);
    assertEquals("GET /a.png HTTP/1.1", second.get(0));
    assertTrue(second.contains("User-Agent: Freshet/0.1 (test)"), second::toString);
    assertTrue(second.contains("Accept-Encoding: identity"), second::toString);
    assertTrue(second.contains("Host: 127.0.0.1:" + server.port()), second::toString);
    assertTrue(
        second.stream()
            .map(line -> line.split(":", 2)[0].toLowerCase(Locale.ROOT))
            .noneMatch(List.of("cookie", "referer", "authorization", "upgrade")::contains),
        second::toString);
  }

  @Test
  void sendsPathAndQueryEncodedOnce() throws Exception {
    server.on("/a%20b/%C3%A9.png?q=%22x%22&r=%41", RawServer.body("", PICTURE));
    assertInstanceOf(FetchResult.Fetched.class, fetch("/a b/é.png?q=\"x\"&r=%41#top"));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void followsRedirects(int status) throws Exception {
    server.on("/r", "HTTP/1.1 %d Moved\r\nLocation: a.png\r\n\r\n".formatted(status));
    FetchResult.Fetched fetched = assertInstanceOf(FetchResult.Fetched.class, fetch("/r"));
    assertEquals(1, fetched.hops());
    assertEquals(server.url("/a.png"), fetched.finalUrl().toString());
  }

  @Test
  void followsFiveRedirectsAndNotSix() throws Exception {
    for (int i = 1; i <= 6; i++) {
      server.redirect("/hop" + i, i == 1 ? "/a.png" : "/hop" + (i - 1));
    }
    assertInstanceOf(FetchResult.Fetched.class, fetch("/hop5"));
    int before = server.requests().size();
    assertRefused(RejectionReason.FETCH_FAILED, "more than 5 redirects", fetch("/hop6"));
    assertEquals(6, server.requests().size() - before);
  }

  @Test
  void refusesRedirectCircle() throws Exception {
    server.redirect("/x", "/y").redirect("/y", "/x");
    assertRefused(RejectionReason.FETCH_FAILED, "circle", fetch("/x"));
    assertEquals(2, server.requests().size());
  }

  @Test
  void refusesRedirectToPrivateAddress() throws Exception {
    try (Canary canary = new Canary()) {
      server.redirect("/r", "http://127.0.0.1:%d/".formatted(canary.port()));
      assertRefused(RejectionReason.URL_FORBIDDEN, "redirect 1", fetch("/r"));
      server.redirect("/r", "http://10.0.0.1/");
      assertRefused(RejectionReason.URL_FORBIDDEN, "private", fetch("/r"));
      assertEquals(0, canary.connections());
    }
  }

  @Test
  void refusesDowngradeFromHttps() {
    WebUrl secure = new WebUrl("https", "example.com", 443, "/");
    UrlRefusedException refusal =
        assertThrows(
            UrlRefusedException.class,
            () ->
                Redirects.next(
                    new UrlPolicy(Fetching.urls(List.of(80, 443), List.of())),
                    List.of(secure),
                    "http://example.com/",
                    5));
    assertEquals(RejectionReason.URL_FORBIDDEN, refusal.reason());
  }

  @Test
  void connectsToTheVettedAddressHoweverTheNameChanges() throws Exception {
    try (Canary canary = new Canary()) {
      List<String> asked = new ArrayList<>();
      AddressResolver rebinding =
          (host, patience) -> {
            asked.add(host);
            return List.of(Fetching.address(asked.size() == 1 ? "127.0.0.1" : "127.0.0.2"));
          };
      UrlConfig urls = Fetching.urls(List.of(80), List.of("127.0.0.1:" + server.port()));
      try (ImageFetcher fetcher = Fetching.fetcher(urls, rebinding)) {
        FetchResult first =
            fetcher.fetch("http://pictures.evil.com:%d/a.png".formatted(server.port()));
        assertInstanceOf(FetchResult.Fetched.class, first);
        assertEquals(List.of("pictures.evil.com"), asked);
        assertTrue(
            server.requests().get(0).contains("Host: pictures.evil.com:" + server.port()),
            server.requests()::toString);
        // The name now points elsewhere: judged again, refused again, although a connection is
        // kept.
        assertRefused(
            RejectionReason.URL_FORBIDDEN,
            "127.0.0.2",
            fetcher.fetch("http://pictures.evil.com:%d/a.png".formatted(server.port())));
      }
      assertEquals(0, canary.connections());
    }
  }

  @Test
  void triesTheNextAddressWhenOneDoesNotAnswer() throws Exception {
    int closedPort;
    try (ServerSocket gone = new ServerSocket(0)) {
      closedPort = gone.getLocalPort();
    }
    AddressResolver two =
        Fetching.always(Fetching.address("127.0.0.7"), Fetching.address("127.0.0.1"));
    UrlConfig urls = Fetching.urls(List.of(80), List.of("127.0.0.0/8"));
    try (ImageFetcher fetcher = Fetching.fetcher(urls, two)) {
      assertInstanceOf(
          FetchResult.Fetched.class,
          fetcher.fetch("http://two.example.org:%d/a.png".formatted(server.port())));
      assertRefused(
          RejectionReason.FETCH_FAILED,
          "refused",
          fetcher.fetch("http://two.example.org:%d/a.png".formatted(closedPort)));
    }
  }

  @Test
  void refusesNamesWithoutAddressAndNameServersWithoutAnswer() throws Exception {
    UrlConfig urls = Fetching.urls(List.of(80), List.of());
    try (ImageFetcher fetcher = Fetching.fetcher(urls)) {
      assertRefused(
          RejectionReason.FETCH_FAILED, "no address", fetcher.fetch("http://gone.example.org/"));
    }
    AddressResolver silent =
        (host, patience) -> {
          Thread.sleep(patience.toMillis());
          throw new TimeoutException();
        };
    try (ImageFetcher fetcher = Fetching.fetcher(urls, silent)) {
      assertRefused(
          RejectionReason.FETCH_TIMEOUT, "deadline", fetcher.fetch("http://slow.example.org/"));
    }
  }

  @Test
  void triesAgainWhatMayPass() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    server.on(
        "/busy",
        out ->
            (asked.incrementAndGet() < 3
                    ? RawServer.text("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
                    : RawServer.body("Content-Length: 5\r\n", PICTURE))
                .write(out));
    assertRefused(
        RejectionReason.HTTP_STATUS,
        "503, attempt 2",
        fetch("/busy", Fetching.config(Duration.ofSeconds(5), 2)));
    assertInstanceOf(
        FetchResult.Fetched.class, fetch("/busy", Fetching.config(Duration.ofSeconds(5), 2)));
    assertEquals(3, asked.get());
  }

  @Test
  void doesNotTryAgainWhatStays() throws Exception {
    assertRefused(
        RejectionReason.HTTP_STATUS,
        "404",
        fetch("/missing", Fetching.config(Duration.ofSeconds(5), 4)));
    assertEquals(1, server.requests().size());
  }

  @Test
  void resolvesNamesWithTheSystem() throws Exception {
    try (SystemAddressResolver resolver = new SystemAddressResolver(1)) {
      assertTrue(
          resolver.resolve("localhost", Duration.ofSeconds(5)).stream()
              .allMatch(InetAddress::isLoopbackAddress));
    }
  }

  @Test
  void keepsConnectionsOfOneHost() throws Exception {
    AtomicInteger sockets = new AtomicInteger();
    try (ServerSocket keepAlive = new ServerSocket(0, 5, Fetching.address("127.0.0.1"));
        ImageFetcher fetcher =
            new ImageFetcher(
                Fetching.config(),
                new UrlPolicy(
                    Fetching.urls(List.of(80), List.of("127.0.0.1:" + keepAlive.getLocalPort()))),
                Fetching.noNames(),
                Clock.systemUTC())) {
      Thread thread = new Thread(() -> answerForEver(keepAlive, sockets));
      thread.setDaemon(true);
      thread.start();
      for (int i = 0; i < 5; i++) {
        assertInstanceOf(
            FetchResult.Fetched.class,
            fetcher.fetch("http://127.0.0.1:%d/".formatted(keepAlive.getLocalPort())));
      }
    }
    assertEquals(1, sockets.get());
  }

  private static void answerForEver(ServerSocket server, AtomicInteger sockets) {
    try (Socket socket = server.accept()) {
      sockets.incrementAndGet();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty()) {
          RawServer.body("Content-Length: 5\r\n", PICTURE).write(socket.getOutputStream());
        }
      }
    } catch (IOException e) {
      // The client is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
