package io.freshet.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.ingest.fetch.UrlConfig;
import io.freshet.ingest.html.HtmlConfig;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.Origin;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageRequestsTest {
  private static final Origin ORIGIN = new Origin("t.crawl.pages", 1, 7L);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @SuppressWarnings("try") // close() of the harness declares Exception
  private static List<ImageRequest> requests(CrawledPage page) throws Exception {
    PageRequests operator =
        new PageRequests(
            new HtmlConfig(new DataSize(1 << 20), 100, 1024),
            new UrlConfig(200, List.of(80, 443), List.of()),
            Clock.fixed(NOW, ZoneOffset.UTC));
    try (OneInputStreamOperatorTestHarness<Tuple2<Origin, CrawledPage>, ImageRequest> harness =
        ProcessFunctionTestHarnesses.forProcessFunction(operator)) {
      harness.processElement(Tuple2.of(ORIGIN, page), 0);
      return harness.extractOutputValues();
    }
  }

  private static CrawledPage page(int status, String contentType, String body) {
    return new CrawledPage(
        "http://site.org/p/",
        NOW,
        status,
        Map.of(),
        contentType,
        ByteBuffer.wrap(body.getBytes(UTF_8)));
  }

  @Test
  void asksForEachImageUnderItsOwnId() throws Exception {
    List<ImageRequest> requests =
        requests(
            page(
                200,
                "text/html",
                "<img src=a.png alt=A><img src=http://10.0.0.1/b><img src=//CDN.org/c>"));
    assertEquals(
        List.of("http://site.org/p/a.png", "http://10.0.0.1/b", "http://CDN.org/c"),
        requests.stream().map(ImageRequest::imageUrl).toList());
    assertEquals(
        List.of("site.org", "", "cdn.org"), requests.stream().map(ImageRequest::host).toList());
    for (int i = 0; i < requests.size(); i++) {
      ImageRequest request = requests.get(i);
      assertEquals(id("t.crawl.pages|1|7|" + i), request.requestId());
      assertEquals("http://site.org/p/", request.pageUrl());
      assertEquals("t.crawl.pages", request.topic());
      assertEquals(1, request.partition());
      assertEquals(7, request.offset());
      assertEquals(NOW, request.requestedAt());
    }
    assertEquals("A", requests.get(0).altText());
    assertNull(requests.get(1).altText());
  }

  private static String id(String place) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(place.getBytes(UTF_8));
    return HexFormat.of().formatHex(digest).substring(0, 32);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      delimiter = '|',
      value = {
        "200 | text/html | 1",
        "200 | TEXT/HTML; charset=utf-8 | 1",
        "200 | application/xhtml+xml | 1",
        "200 | null | 1",
        "200 | text/plain | 0",
        "200 | application/pdf | 0",
        "200 | image/png | 0",
        "404 | text/html | 0",
        "301 | text/html | 0",
        "500 | null | 0"
      })
  void asksNothingOfPagesThatFailedOrAreNoHtml(int status, String contentType, int expected)
      throws Exception {
    String body = "\ufeff \n<!DOCTYPE html><img src=a.png>";
    assertEquals(expected, requests(page(status, contentType, body)).size());
  }

  @Test
  void readsTheContentTypeOfTheHeaders() throws Exception {
    CrawledPage page =
        new CrawledPage(
            "http://site.org/",
            NOW,
            200,
            Map.of("content-type", "text/html"),
            null,
            ByteBuffer.wrap("<img src=a.png>".getBytes(UTF_8)));
    assertEquals(1, requests(page).size());
  }

  @Test
  void leavesTheBodyOfTheRecordAsItWas() throws Exception {
    CrawledPage page = page(200, null, "<html><img src=a.png>");
    int before = page.getBody().remaining();
    requests(page);
    assertEquals(before, page.getBody().remaining());
  }

  @Test
  void cutsUrlsThatAreTooLongAnyway() throws Exception {
    ImageRequest request =
        requests(page(200, "text/html", "<img src='%s'>".formatted("a".repeat(100_000)))).get(0);
    assertEquals(201, request.imageUrl().length());
    assertTrue(request.host().isEmpty());
  }
}
