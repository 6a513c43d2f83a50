package io.freshet.ingest.fetch;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.RejectionReason;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Strangers' URLs against a canary that listens on every address of this machine. */
class SsrfTest {
  private static final Set<RejectionReason> BY_POLICY =
      Set.of(RejectionReason.URL_INVALID, RejectionReason.URL_FORBIDDEN);

  private record Vector(String url, List<InetAddress> answer) {
    AddressResolver resolver() {
      return (host, patience) -> {
        if (answer.isEmpty()) {
          throw new UnknownHostException(host);
        }
        return answer;
      };
    }
  }

  @Test
  void refusesEveryVectorWithoutAConnection() throws Exception {
    try (Canary canary = new Canary()) {
      List<Vector> vectors = vectors(canary.port());
      assertTrue(vectors.size() >= 200, vectors.size() + " vectors");
      UrlConfig urls = Fetching.urls(List.of(80, 443, canary.port()), List.of());
      assertAll(vectors.stream().map(vector -> isRefused(vector, urls)));
      assertEquals(0, canary.connections());
      System.out.printf("%d vectors, %d connections%n", vectors.size(), canary.connections());
    }
  }

  private static Executable isRefused(Vector vector, UrlConfig urls) {
    return () -> {
      try (ImageFetcher fetcher = Fetching.fetcher(urls, vector.resolver())) {
        assertRefusedByPolicy(vector, fetcher.fetch(vector.url()));
      }
    };
  }

  private static void assertRefusedByPolicy(Vector vector, FetchResult result) {
    assertTrue(
        result instanceof FetchResult.Refused refused && BY_POLICY.contains(refused.reason()),
        () -> "%s gave %s".formatted(vector, result));
  }

  @Test
  void refusesEveryVectorAsTargetOfARedirect() throws Exception {
    try (Canary canary = new Canary();
        RawServer server = new RawServer()) {
      UrlConfig urls =
          Fetching.urls(List.of(80, 443, canary.port()), List.of("127.0.0.1:" + server.port()));
      for (Vector vector : vectors(canary.port())) {
        // Relative references stay on the allowed server, and a header has no control characters.
        if (vector.url().strip().matches("(?s)[a-z.]*|/[^/].*")
            || vector.url().matches("(?s).*\\p{Cntrl}.*")) {
          continue;
        }
        server.redirect("/start", utf8AsSent(vector.url()));
        try (ImageFetcher fetcher = Fetching.fetcher(urls, vector.resolver())) {
          FetchResult result = fetcher.fetch(server.url("/start"));
          assertTrue(
              result instanceof FetchResult.Refused refused
                  && (BY_POLICY.contains(refused.reason()) || staysOnServer(vector)),
              () -> "%s gave %s".formatted(vector, result));
        }
      }
      assertEquals(0, canary.connections());
    }
  }

  /** References without a scheme resolve against the server that sent them. */
  private static boolean staysOnServer(Vector vector) {
    return !vector.url().strip().matches("(?s)([A-Za-z][A-Za-z0-9+.-]*:|//).*");
  }

  private static String utf8AsSent(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The control: the same vectors do reach the canary once the policy lets them. */
  @Test
  void canarySeesConnectionsWhenEveryAddressIsAllowed() throws Exception {
    try (Canary canary = new Canary()) {
      UrlConfig open =
          Fetching.urls(List.of(canary.port()), List.of("0.0.0.0/0:" + canary.port(), "::1"));
      for (String url : List.of("http://127.0.0.1:%d/", "http://127.9.9.9:%d/", "http://a.b:%d/")) {
        Vector vector =
            new Vector(url.formatted(canary.port()), List.of(Fetching.address("127.0.0.1")));
        try (ImageFetcher fetcher = Fetching.fetcher(open, vector.resolver())) {
          FetchResult result = fetcher.fetch(vector.url());
          assertTrue(result instanceof FetchResult.Fetched, () -> vector + " gave " + result);
        }
      }
      assertEquals(3, canary.connections());
    }
  }

  private static List<Vector> vectors(int port) throws IOException {
    String text;
    try (InputStream in = SsrfTest.class.getResourceAsStream("ssrf-vectors.txt")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<Vector> vectors = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split(" => ", 2);
        vectors.add(
            new Vector(unescape(parts[0].replace("{port}", String.valueOf(port))), answer(parts)));
      }
    }
    return vectors;
  }

  private static List<InetAddress> answer(String[] parts) {
    return parts.length == 1
        ? List.of()
        : Stream.of(parts[1].trim().split(",", -1)).map(Fetching::address).toList();
  }

  private static String unescape(String text) {
    return text.replace("\\t", "\t")
        .replace("\\n", "\n")
        .replace("\\r", "\r")
        .replace("\\u0000", "\0")
        .replace("\\u0001", "\1")
        .replace("\\u0020", " ");
  }
}
