package io.freshet.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real photographs and what a crawl brings beside them, from a web site through broker and job. */
class IngestJobIT {
  private static final PictureSite SITE = new PictureSite(Duration.ZERO);

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create()
          .with("ingest.urls.allow_private_addresses", "[127.0.0.1:%d]".formatted(SITE.port()))
          .with("ingest.fetch.retry_pause", "50ms");

  @AfterAll
  static void stopSite() {
    SITE.close();
  }

  private final Map<String, byte[]> photos = Pictures.photos(4);

  @Test
  void endsEveryRequestAsImageOrNamedRefusal() throws Exception {
    Map<String, RejectionReason> refused = refusedImages();
    photos.forEach((name, jpeg) -> SITE.put("/" + name, "image/jpeg", jpeg));

    CLUSTER.submit(new IngestJob());
    StringBuilder gallery = new StringBuilder("<title>Gallery</title>");
    photos
        .keySet()
        .forEach(name -> gallery.append("<img src='/%s' alt='%s'>".formatted(name, name)));
    refused.keySet().forEach(url -> gallery.append("<p><img src='%s'>".formatted(url)));
    String first = photos.keySet().iterator().next();
    CLUSTER.produce(
        Topics.CRAWL_PAGES,
        page("/gallery", 200, "text/html; charset=utf-8", gallery.toString()),
        page("/again", 200, "text/html", "<img src=/%s>".formatted(first)),
        page("/gone", 404, "text/html", "<img src=/%s>".formatted(first)),
        page("/paper", 200, "application/pdf", "<img src=/%s>".formatted(first)),
        page("/words", 200, "text/html", "nothing to see"));
    CLUSTER.produce(
        Topics.CRAWL_IMAGES,
        image("inline.jpg", photos.get(first)),
        image("broken.jpg", Arrays.copyOf(photos.get(first), 5000)),
        image("empty.jpg", new byte[0]));
    CLUSTER.produceRaw(Topics.CRAWL_PAGES, "poison", "no Avro at all".getBytes(UTF_8));

    int requests = photos.size() + refused.size() + 1 + 3 + 1;
    IngestOutcomes outcomes = IngestOutcomes.await(CLUSTER, requests, FreshetCluster.PATIENCE);
    outcomes.assertEachRequestEndedOnce();
    outcomes.assertBlobsHoldTheImages(CLUSTER);
    assertImages(outcomes.ingested(), first);

    refused.put("http://crawl.org/broken.jpg", RejectionReason.TRUNCATED);
    refused.put("http://crawl.org/empty.jpg", RejectionReason.BODY_EMPTY);
    refused.put("", RejectionReason.UNREADABLE_RECORD);
    assertEquals(new TreeMap<>(refused), new TreeMap<>(reasons(outcomes.rejected())));
    for (RejectedImage refusal : outcomes.rejected()) {
      assertEquals("ingest", refusal.getStage());
      assertTrue(refusal.getDetail().length() > 5, refusal.getDetail());
      assertTrue(refusal.getOrigin().getTopic().contains("crawl."), refusal::toString);
    }
  }

  private Map<String, RejectionReason> refusedImages() {
    byte[] photo = photos.values().iterator().next();
    SITE.put("/half.jpg", "image/jpeg", Arrays.copyOf(photo, photo.length / 2))
        .put("/html.jpg", "image/jpeg", "<!doctype html><p>Sorry".getBytes(UTF_8))
        .put("/empty.jpg", "image/jpeg", new byte[0])
        .put("/pixel.gif", "image/gif", Pictures.drawn("gif", 1, 1, 1));
    Map<String, RejectionReason> refused = new HashMap<>();
    refused.put(SITE.url("/half.jpg"), RejectionReason.TRUNCATED);
    refused.put(SITE.url("/html.jpg"), RejectionReason.FORMAT_UNSUPPORTED);
    refused.put(SITE.url("/empty.jpg"), RejectionReason.BODY_EMPTY);
    refused.put(SITE.url("/pixel.gif"), RejectionReason.TOO_SMALL);
    refused.put(SITE.url("/missing.jpg"), RejectionReason.HTTP_STATUS);
    refused.put("http://10.0.0.1/a.jpg", RejectionReason.URL_FORBIDDEN);
    refused.put("http://169.254.169.254/latest/", RejectionReason.URL_FORBIDDEN);
    refused.put("http://127.0.0.2:%d/a.jpg".formatted(SITE.port()), RejectionReason.URL_FORBIDDEN);
    refused.put("http://user@127.0.0.1/a.jpg", RejectionReason.URL_FORBIDDEN);
    refused.put("file:///etc/passwd", RejectionReason.URL_FORBIDDEN);
    refused.put("http://[::1", RejectionReason.URL_INVALID);
    refused.put("http://no-such-port.invalid:22/a.jpg", RejectionReason.URL_FORBIDDEN);
    return refused;
  }

  private void assertImages(List<IngestedImage> images, String first) {
    Map<String, Long> byUrl =
        images.stream()
            .collect(
                Collectors.groupingBy(i -> i.getSource().getImageUrl(), Collectors.counting()));
    Map<String, Long> expected = new HashMap<>();
    photos.keySet().forEach(name -> expected.merge(SITE.url("/" + name), 1L, Long::sum));
    expected.merge(SITE.url("/" + first), 1L, Long::sum);
    expected.put("http://crawl.org/inline.jpg", 1L);
    assertEquals(expected, byUrl);
    long ids = images.stream().map(IngestedImage::getImageId).distinct().count();
    assertEquals(photos.size(), ids, "one id to one picture, however it came");
    for (IngestedImage image : images) {
      assertEquals(8, image.getPcaHash().remaining());
      assertTrue(image.getPdqQuality() >= 0);
      assertTrue(!image.getFetchedAt().isAfter(image.getIngestedAt()), image::toString);
    }
    IngestedImage described =
        images.stream()
            .filter(i -> first.equals(i.getSource().getAltText()))
            .findFirst()
            .orElseThrow();
    assertEquals(SITE.url("/gallery"), described.getSource().getPageUrl());
    assertEquals(photos.get(first).length, described.getOriginal().getBytes());
  }

  private static Map<String, RejectionReason> reasons(List<RejectedImage> refusals) {
    return refusals.stream()
        .collect(
            Collectors.toMap(r -> r.getUrl() == null ? "" : r.getUrl(), RejectedImage::getReason));
  }

  private static CrawledPage page(String path, int status, String contentType, String html) {
    return new CrawledPage(
        SITE.url(path),
        Instant.now(),
        status,
        Map.of(),
        contentType,
        ByteBuffer.wrap(html.getBytes(UTF_8)));
  }

  private static CrawledImage image(String name, byte[] body) {
    return new CrawledImage(
        "http://crawl.org/" + name,
        null,
        null,
        Instant.now().minusSeconds(60),
        Map.of(),
        ByteBuffer.wrap(body));
  }
}
