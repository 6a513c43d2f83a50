package io.freshet.ingest.fetch;

import static io.freshet.schemas.RejectionReason.BODY_EMPTY;
import static io.freshet.schemas.RejectionReason.BODY_TOO_LARGE;
import static io.freshet.schemas.RejectionReason.CORRUPT;
import static io.freshet.schemas.RejectionReason.FETCH_FAILED;
import static io.freshet.schemas.RejectionReason.FETCH_TIMEOUT;
import static io.freshet.schemas.RejectionReason.HTTP_STATUS;
import static io.freshet.schemas.RejectionReason.TRUNCATED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.RejectionReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slow, endless and lying answers: every limit holds and nothing is left behind. */
class HostileServerTest {
  /** The test configuration's cap. */
  private static final int MAX_BODY = 64 << 10;

  private static final Duration TOLERANCE = Duration.ofMillis(2500);

  private RawServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new RawServer();
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private FetchResult fetch() throws InterruptedException {
    long start = System.nanoTime();
    try (ImageFetcher fetcher = Fetching.fetcher(server, Fetching.config())) {
      FetchResult result = fetcher.fetch(server.url("/x"));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertTrue(took.compareTo(Fetching.DEADLINE.plus(TOLERANCE)) < 0, "took " + took);
      return result;
    }
  }

  private void assertRefused(RejectionReason reason) throws InterruptedException {
    FetchResult result = fetch();
    FetchResult.Refused refused = assertInstanceOf(FetchResult.Refused.class, result);
    assertEquals(reason, refused.reason(), refused.detail());
  }

  private static void drip(java.io.OutputStream out, byte[] bytes)
      throws IOException, InterruptedException {
    while (true) {
      out.write(bytes);
      out.flush();
      Thread.sleep(50);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void endsSilenceByTheReadTimeout() throws Exception {
    server.on("/x", out -> Thread.sleep(60_000));
    assertRefused(FETCH_TIMEOUT);
  }

  @Test
  void endsDrippingStatusLineByTheDeadline() throws Exception {
    server.on("/x", out -> drip(out, ascii("H")));
    assertRefused(FETCH_TIMEOUT);
  }

  @Test
  void endsDrippingHeadersByTheDeadline() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nX: "));
          drip(out, ascii("y"));
        });
    assertRefused(FETCH_TIMEOUT);
  }

  @Test
  void endsDrippingBodyByTheDeadline() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"));
          drip(out, new byte[1]);
        });
    assertRefused(FETCH_TIMEOUT);
  }

  @Test
  void endsDrippingChunksByTheDeadline() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
          drip(out, ascii("1\r\nz\r\n"));
        });
    assertRefused(FETCH_TIMEOUT);
  }

  @Test
  void endsEndlessInterimAnswersByTheDeadline() throws Exception {
    server.on("/x", out -> drip(out, ascii("HTTP/1.1 103 Early Hints\r\n\r\n")));
    assertRefused(FETCH_TIMEOUT);
  }

  @Test
  void endsDrippingTlsHandshakeByTheDeadline() throws Exception {
    try (ServerSocket tls = new ServerSocket(0, 5, Fetching.address("127.0.0.1"));
        ImageFetcher fetcher =
            new ImageFetcher(
                Fetching.config(),
                new UrlPolicy(
                    Fetching.urls(List.of(443), List.of("127.0.0.1:" + tls.getLocalPort()))),
                Fetching.noNames(),
                Clock.systemUTC())) {
      Thread thread = new Thread(() -> dripHandshake(tls));
      thread.setDaemon(true);
      thread.start();
      long start = System.nanoTime();
      FetchResult result = fetcher.fetch("https://127.0.0.1:%d/x".formatted(tls.getLocalPort()));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      FetchResult.Refused refused = assertInstanceOf(FetchResult.Refused.class, result);
      assertEquals(FETCH_TIMEOUT, refused.reason(), refused.detail());
      assertTrue(took.compareTo(Fetching.DEADLINE.plus(TOLERANCE)) < 0, "took " + took);
    }
  }

  private static void dripHandshake(ServerSocket tls) {
    try (Socket socket = tls.accept()) {
      socket.getOutputStream().write(new byte[] {0x16, 3, 3, 0x40, 0, 2, 0, 0x3f, (byte) 0xfc});
      drip(socket.getOutputStream(), new byte[1]);
    } catch (IOException e) {
      // The client gave up.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void capsEndlessBody() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\n\r\n"));
          for (byte[] block = new byte[8192]; ; ) {
            out.write(block);
          }
        });
    assertRefused(BODY_TOO_LARGE);
  }

  @Test
  void capsEndlessChunks() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
          while (true) {
            out.write(ascii("1000\r\n" + "z".repeat(4096) + "\r\n"));
          }
        });
    assertRefused(BODY_TOO_LARGE);
  }

  @Test
  void refusesAnnouncedSizeBeforeReading() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
          out.flush();
          Thread.sleep(60_000);
        });
    assertRefused(BODY_TOO_LARGE);
  }

  @Test
  void takesBodyOfExactlyTheCap() throws Exception {
    server.on("/x", RawServer.body("", new byte[MAX_BODY]));
    assertEquals(MAX_BODY, assertInstanceOf(FetchResult.Fetched.class, fetch()).body().length);
    server.on("/x", RawServer.body("", new byte[MAX_BODY + 1]));
    assertRefused(BODY_TOO_LARGE);
  }

  @Test
  void unpacksWhatFitsTheCap() throws Exception {
    byte[] content = ascii("picture ".repeat(4000));
    server.on("/x", RawServer.body("Content-Encoding: gzip\r\n", gzip(content)));
    assertArrayEquals(content, assertInstanceOf(FetchResult.Fetched.class, fetch()).body());
    server.on("/x", RawServer.body("Content-Encoding: deflate\r\n", deflate(content)));
    assertArrayEquals(content, assertInstanceOf(FetchResult.Fetched.class, fetch()).body());
  }

  @Test
  void capsCompressionBombs() throws Exception {
    byte[] zeros = new byte[32 << 20];
    for (String encoding : List.of("gzip", "deflate")) {
      byte[] bomb = encoding.equals("gzip") ? gzip(zeros) : deflate(zeros);
      assertTrue(bomb.length < MAX_BODY, "the bomb fits the cap on the wire");
      server.on("/x", RawServer.body("Content-Encoding: %s\r\n".formatted(encoding), bomb));
      assertRefused(BODY_TOO_LARGE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "gzip, gzip", "compress", "x"})
  void refusesOtherEncodings(String encoding) throws Exception {
    server.on("/x", RawServer.body("Content-Encoding: %s\r\n".formatted(encoding), new byte[9]));
    assertRefused(FETCH_FAILED);
  }

  @Test
  void namesDamagedEncoding() throws Exception {
    server.on("/x", RawServer.body("Content-Encoding: gzip\r\n", new byte[100]));
    assertRefused(CORRUPT);
    byte[] packed = gzip(ascii("picture ".repeat(4000)));
    server.on(
        "/x",
        RawServer.body(
            "Content-Encoding: gzip\r\n", java.util.Arrays.copyOf(packed, packed.length / 2)));
    assertRefused(TRUNCATED);
  }

  @Test
  void namesBodiesThatEndEarly() throws Exception {
    server.on("/x", RawServer.body("Content-Length: 1000\r\n", new byte[500]));
    assertRefused(TRUNCATED);
    server.on("/x", RawServer.body("Transfer-Encoding: chunked\r\n", ascii("ff\r\nzz")));
    assertRefused(TRUNCATED);
    server.on("/x", RawServer.body("Transfer-Encoding: chunked\r\n", ascii("3\r\nabc\r\n")));
    assertRefused(TRUNCATED);
  }

  @Test
  void readsNoFurtherThanTheAnnouncedLength() throws Exception {
    server.on("/x", RawServer.body("Content-Length: 3\r\n", ascii("abcHTTP/1.1 200 OK\r\n\r\n")));
    assertArrayEquals(ascii("abc"), assertInstanceOf(FetchResult.Fetched.class, fetch()).body());
  }

  @Test
  void namesEmptyBodies() throws Exception {
    server.on("/x", RawServer.body("Content-Length: 0\r\n", new byte[0]));
    assertRefused(BODY_EMPTY);
    server.on("/x", RawServer.body("", new byte[0]));
    assertRefused(BODY_EMPTY);
    server.on("/x", "HTTP/1.1 204 No Content\r\n\r\n");
    assertRefused(HTTP_STATUS);
  }

  @Test
  void limitsNumberAndLengthOfHeaders() throws Exception {
    server.on("/x", "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(10_000) + "\r\n");
    assertRefused(FETCH_FAILED);
    server.on("/x", "HTTP/1.1 200 OK\r\nX: " + "y".repeat(1 << 20) + "\r\n\r\n");
    assertRefused(FETCH_FAILED);
    server.on("/x", "HTTP/1.1 200 " + "O".repeat(1 << 20) + "\r\n\r\n");
    assertRefused(FETCH_FAILED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\0\0\0\0",
        "SSH-2.0-OpenSSH_9\r\n",
        "HTTP/1.1\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\nabc",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: pigeon\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
        "HTTP/1.1 302 Found\r\nLocation: \r\n\r\n",
        "HTTP/1.1 302 Found\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: novalue\r\n\r\n",
        "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
      })
  void refusesWhatIsNoAnswer(String answer) throws Exception {
    server.on("/x", answer);
    assertInstanceOf(FetchResult.Refused.class, fetch());
  }

  @Test
  void leavesNeitherThreadsNorConnections() throws Exception {
    server.on(
        "/x",
        out -> {
          out.write(ascii("HTTP/1.1 200 OK\r\n\r\n"));
          drip(out, new byte[1]);
        });
    FetchConfig hasty = Fetching.config(Duration.ofMillis(100), 2);
    long before = fetchThreads();
    try (ImageFetcher fetcher = Fetching.fetcher(server, hasty)) {
      for (int i = 0; i < 30; i++) {
        assertInstanceOf(FetchResult.Refused.class, fetcher.fetch(server.url("/x")));
      }
      for (int i = 0; i < 100 && server.openConnections() > 0; i++) {
        Thread.sleep(50);
      }
      assertEquals(0, server.openConnections());
      assertTrue(fetchThreads() - before <= 1, "one watchdog");
    }
    for (int i = 0; i < 100 && fetchThreads() > before; i++) {
      Thread.sleep(20);
    }
    assertEquals(before, fetchThreads());
  }

  private static long fetchThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("freshet-"))
        .count();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }

  private static byte[] deflate(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }
}
