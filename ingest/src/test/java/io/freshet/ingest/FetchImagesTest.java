package io.freshet.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.ingest.fetch.FetchConfig;
import io.freshet.ingest.fetch.FetchLoad;
import io.freshet.ingest.fetch.ResponseLimits;
import io.freshet.ingest.fetch.UrlConfig;
import io.freshet.ingest.intake.FetchedImage;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // close() of the harness declares Exception
class FetchImagesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private PictureSite site = new PictureSite(Duration.ZERO);

  @AfterEach
  void stopSite() {
    site.close();
  }

  private FetchImages fetch(Duration maxWait) {
    return new FetchImages(
        new UrlConfig(4096, List.of(80), List.of("127.0.0.1:" + site.port())),
        new FetchConfig(
            "Freshet/0.1 (test)",
            5,
            1,
            Duration.ZERO,
            Duration.ofSeconds(20),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            new ResponseLimits(new DataSize(1 << 20), 100, new DataSize(8 << 10)),
            new FetchLoad(4, 1, 32, maxWait)),
        Clock.systemUTC());
  }

  private static OneInputStreamOperatorTestHarness<
          ImageRequest, Either<RejectedImage, FetchedImage>>
      harness(FetchImages fetch) throws Exception {
    SerializerConfigImpl serializers = new SerializerConfigImpl();
    OneInputStreamOperatorTestHarness<ImageRequest, Either<RejectedImage, FetchedImage>> harness =
        new OneInputStreamOperatorTestHarness<>(
            new AsyncWaitOperatorFactory<>(
                fetch, fetch.operatorTimeout().toMillis(), 32, OutputMode.UNORDERED),
            TypeInformation.of(ImageRequest.class).createSerializer(serializers));
    harness.setup(IngestJob.ANSWER.createSerializer(serializers));
    return harness;
  }

  private ImageRequest request(int number) {
    return new ImageRequest(
        "id" + number, "127.0.0.1", site.url("/a.png"), null, null, "crawl.pages", 0, 1, NOW);
  }

  @Test
  void answersEachRequestWithBytesOrRefusal() throws Exception {
    site.put("/a.png", "image/png", new byte[] {1, 2, 3});
    ImageRequest forbidden =
        new ImageRequest(
            "id9", "", "http://10.0.0.1/", "http://p/", "alt", "crawl.pages", 0, 1, NOW);
    try (var harness = harness(fetch(Duration.ofMinutes(1)))) {
      harness.open();
      harness.processElement(request(1), 0);
      harness.processElement(forbidden, 0);
      harness.endInput();
      List<Either<RejectedImage, FetchedImage>> answers = harness.extractOutputValues();
      assertEquals(2, answers.size());
      FetchedImage fetched =
          answers.stream().filter(Either::isRight).findFirst().orElseThrow().right();
      assertEquals(request(1), fetched.request());
      assertEquals(3, fetched.body().length);
      assertNull(fetched.request().altText());
      RejectedImage refusal =
          answers.stream().filter(Either::isLeft).findFirst().orElseThrow().left();
      assertEquals(RejectionReason.URL_FORBIDDEN, refusal.getReason());
      assertEquals("id9", refusal.getRequestId());
    }
  }

  @Test
  void requestsUnderWaySurviveARestore() throws Exception {
    site.close();
    site = new PictureSite(Duration.ofSeconds(2));
    site.put("/a.png", "image/png", new byte[] {1});
    OperatorSubtaskState state;
    try (var harness = harness(fetch(Duration.ofMinutes(1)))) {
      harness.open();
      for (int i = 0; i < 3; i++) {
        harness.processElement(request(i), 0);
      }
      state = harness.snapshot(1, 1);
      assertEquals(0, harness.extractOutputValues().size(), "nothing was answered before");
    }
    try (var harness = harness(fetch(Duration.ofMinutes(1)))) {
      harness.initializeState(state);
      harness.open();
      harness.endInput();
      assertEquals(
          List.of("id0", "id1", "id2"),
          harness.extractOutputValues().stream()
              .map(answer -> answer.right().request().requestId())
              .sorted()
              .toList());
    }
  }

  @Test
  void refusesWhatWaitsTooLongForItsHost() throws Exception {
    site.close();
    site = new PictureSite(Duration.ofMillis(400));
    site.put("/a.png", "image/png", new byte[] {1});
    try (var harness = harness(fetch(Duration.ofMillis(100)))) {
      harness.open();
      IntStream.range(0, 5).forEach(i -> process(harness, request(i)));
      harness.endInput();
      List<Either<RejectedImage, FetchedImage>> answers = harness.extractOutputValues();
      assertEquals(5, answers.size());
      List<RejectedImage> refusals =
          answers.stream().filter(Either::isLeft).map(Either::left).toList();
      assertEquals(4, refusals.size());
      for (RejectedImage refusal : refusals) {
        assertEquals(RejectionReason.FETCH_TIMEOUT, refusal.getReason());
        assertTrue(refusal.getDetail().contains("too slow"), refusal.getDetail());
      }
    }
  }

  private static void process(
      OneInputStreamOperatorTestHarness<ImageRequest, ?> harness, ImageRequest request) {
    try {
      harness.processElement(request, 0);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void operatorTimeoutIsARefusalAndNoFailure() throws Exception {
    site.close();
    site = new PictureSite(Duration.ofSeconds(3));
    FetchImages fetch = fetch(Duration.ofSeconds(5));
    assertEquals(Duration.ofSeconds(85), fetch.operatorTimeout());
    try (var harness = harness(fetch)) {
      harness.open();
      harness.processElement(request(1), 0);
      harness.setProcessingTime(fetch.operatorTimeout().toMillis() + 1);
      harness.endInput();
      List<Either<RejectedImage, FetchedImage>> answers = harness.extractOutputValues();
      assertEquals(1, answers.size(), "the late answer of the fetch is dropped");
      assertEquals(RejectionReason.FETCH_TIMEOUT, answers.get(0).left().getReason());
    }
  }
}
