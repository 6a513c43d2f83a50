package io.freshet.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.flink.RequestId;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Operators that fail and a cluster that dies in mid-stream, with fetches under way. */
class IngestJobFaultIT {
  private static final int PAGES = 80;
  private static final int IMAGES_PER_PAGE = 3;
  private static final int INLINE = 60;
  private static final PictureSite SITE = new PictureSite(Duration.ofMillis(30));

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create()
          .with("ingest.urls.allow_private_addresses", "[127.0.0.1:%d]".formatted(SITE.port()))
          .with("ingest.fetch.load.per_host", "2");

  @AfterAll
  static void stopSite() {
    SITE.close();
  }

  @Test
  void losesAndDoublesNothing() throws Exception {
    for (int i = 0; i < PAGES; i++) {
      SITE.put("/%d.png".formatted(i), "image/png", Pictures.drawn("png", 40, 40, i));
      SITE.put("/%d.jpg".formatted(i), "image/jpeg", Pictures.drawn("jpg", 48, 32, i));
    }
    CLUSTER.produce(Topics.CRAWL_PAGES, IntStream.range(0, PAGES).mapToObj(this::page).toList());
    CLUSTER.produce(
        Topics.CRAWL_IMAGES, IntStream.range(0, INLINE).mapToObj(this::inline).toList());

    FailingClock.failAt(Set.of(20, 90));
    CLUSTER.submit(new IngestJob(new FailingClock()));
    CLUSTER.await(Topics.IMAGE_INGESTED, 40);
    int before = CLUSTER.records(Topics.IMAGE_INGESTED).size();
    CLUSTER.crashFlink();
    CLUSTER.submit(new IngestJob(new FailingClock()));

    int requests = PAGES * IMAGES_PER_PAGE + INLINE;
    assertTrue(before < requests, "the crash came in mid-stream, after " + before);
    IngestOutcomes outcomes = IngestOutcomes.await(CLUSTER, requests, Duration.ofMinutes(3));
    assertEquals(0, FailingClock.failuresAhead(), "every failure happened");
    outcomes.assertEachRequestEndedOnce();
    outcomes.assertBlobsHoldTheImages(CLUSTER);
    assertEquals(PAGES, outcomes.rejected().size(), "the missing picture of each page");
    assertEquals(expectedIds(), ids(outcomes));
  }

  /** The ids as the contract defines them, from where the crawl's records lie. */
  private static Set<String> expectedIds() {
    List<String> ids = new ArrayList<>();
    places(Topics.CRAWL_PAGES.name(), PAGES)
        .forEach(
            origin -> {
              for (int i = 0; i < IMAGES_PER_PAGE; i++) {
                ids.add(RequestId.of(origin, i));
              }
            });
    places(Topics.CRAWL_IMAGES.name(), INLINE).forEach(origin -> ids.add(RequestId.of(origin)));
    return new TreeSet<>(ids);
  }

  private static Stream<Origin> places(String topic, int records) {
    Map<Integer, Long> perPartition =
        IntStream.range(0, records)
            .mapToObj(i -> partition(topic, i))
            .collect(Collectors.groupingBy(p -> p, Collectors.counting()));
    return perPartition.entrySet().stream()
        .flatMap(
            entry ->
                IntStream.range(0, entry.getValue().intValue())
                    .mapToObj(
                        offset ->
                            new Origin(
                                CLUSTER.kafka().topicPrefix() + topic,
                                entry.getKey(),
                                (long) offset)));
  }

  private static int partition(String topic, int record) {
    String key =
        topic.equals(Topics.CRAWL_PAGES.name()) ? SITE.url("/page" + record) : inlineUrl(record);
    return Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8))) % CLUSTER.kafka().partitions();
  }

  private static Set<String> ids(IngestOutcomes outcomes) {
    return Stream.concat(
            outcomes.ingested().stream().map(IngestedImage::getRequestId),
            outcomes.rejected().stream().map(RejectedImage::getRequestId))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private CrawledPage page(int i) {
    String html = "<img src=/%d.png><img src=/missing%d.png><img src=/%d.jpg>".formatted(i, i, i);
    return new CrawledPage(
        SITE.url("/page" + i),
        Instant.now(),
        200,
        Map.of(),
        "text/html",
        ByteBuffer.wrap(html.getBytes(UTF_8)));
  }

  private static String inlineUrl(int i) {
    return "http://crawl.org/%d.png".formatted(i);
  }

  private CrawledImage inline(int i) {
    return new CrawledImage(
        inlineUrl(i),
        null,
        null,
        Instant.now(),
        Map.of(),
        ByteBuffer.wrap(Pictures.drawn("png", 64, 48, 1000 + i)));
  }
}
