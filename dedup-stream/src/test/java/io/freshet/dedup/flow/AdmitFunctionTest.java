package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.embedded;
import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.FakeEmbedder;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.dedup.testing.StoredImages;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.vision.image.RgbImage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class AdmitFunctionTest {
  private static final EmbedderSource NO_LATE_EMBEDDING =
      () -> {
        throw new IllegalStateException("no late embedding is expected");
      };

  @TempDir Path directory;

  @Test
  void aCopyThatOvertookItsImageWaitsEvenAcrossARestore() throws Exception {
    Embedded embedded = embedded(1, UnitVectors.random(FakeEmbedder.DIM, new Random(1)));
    OperatorSubtaskState snapshot;
    try (var harness = open(NO_LATE_EMBEDDING, Optional.empty())) {
      harness.processElement1(requested(request(2, 1)));
      assertEquals(List.of(), harness.extractOutputValues());
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(NO_LATE_EMBEDDING, Optional.of(snapshot))) {
      harness.processElement2(new StreamRecord<>(Either.Left(embedded)));
      harness.processElement1(requested(request(3, 1)));
      List<Either<Embedded, Either<Request, String>>> passed = harness.extractOutputValues();
      assertEquals(embedded.request(), passed.get(0).left().request());
      assertEquals(request(2, 1), passed.get(1).right().left());
      assertEquals(request(3, 1), passed.get(2).right().left());
    }
  }

  @Test
  void aRefusalNamesItsOrigin() throws Exception {
    try (var harness = open(NO_LATE_EMBEDDING, Optional.empty())) {
      String detail = "ä".repeat(1000);
      Unreadable lost = new Unreadable(request(7), RejectionReason.BLOB_ALTERED, detail);
      harness.processElement2(new StreamRecord<>(Either.Right(lost)));
      RejectedImage rejected = harness.getSideOutput(AdmitFunction.REFUSALS).remove().getValue();
      assertEquals("%032x".formatted(7), rejected.getRequestId());
      assertEquals(RejectionReason.BLOB_ALTERED, rejected.getReason());
      assertEquals("dedup", rejected.getStage());
      assertEquals(7, rejected.getOrigin().getOffset());
      assertEquals("ä".repeat(512), rejected.getDetail());
    }
  }

  @Test
  void theFirstReadableCopyStandsInForLostBytes() throws Exception {
    BlobConfig blobs = new BlobConfig(directory, new DataSize(1 << 20));
    FakeEmbedder embedder = new FakeEmbedder("fake");
    try (StoredImages images = new StoredImages(blobs);
        var harness =
            open(() -> new CopyEmbedder(BlobStores.open(blobs), embedder), Optional.empty())) {
      Request readable = images.request(2, image());
      Request first = ofSameImage(1, readable);
      harness.processElement1(requested(readable));
      harness.processElement1(requested(ofSameImage(3, readable)));
      harness.processElement2(
          new StreamRecord<>(
              Either.Right(new Unreadable(first, RejectionReason.BLOB_MISSING, "gone"))));
      List<Either<Embedded, Either<Request, String>>> passed = harness.extractOutputValues();
      assertEquals(readable, passed.get(0).left().request());
      assertEquals(ofSameImage(3, readable), passed.get(1).right().left());
      assertEquals(1, harness.getSideOutput(AdmitFunction.REFUSALS).size());
    }
    assertTrue(embedder.isClosed());
  }

  @Test
  void anImageThatOvertookTheWordThatItIsForgottenIsAdmittedBehindItAndStaysKnown()
      throws Exception {
    Embedded embedded = embedded(1, UnitVectors.random(FakeEmbedder.DIM, new Random(1)));
    String imageId = embedded.request().imageId();
    try (var harness = open(NO_LATE_EMBEDDING, Optional.empty())) {
      harness.processElement2(new StreamRecord<>(Either.Left(embedded)));
      harness.processElement2(new StreamRecord<>(Either.Left(embedded)));
      harness.processElement1(new StreamRecord<>(Either.Right(imageId)));
      harness.processElement1(requested(request(3, 1)));
      List<Either<Embedded, Either<Request, String>>> passed = harness.extractOutputValues();
      assertEquals(imageId, passed.get(1).right().right());
      assertEquals(embedded.request(), passed.get(2).left().request());
      assertEquals(request(3, 1), passed.get(3).right().left());
      assertEquals(4, passed.size());
    }
  }

  private static StreamRecord<Either<Request, String>> requested(Request request) {
    return new StreamRecord<>(Either.Left(request));
  }

  private static Request ofSameImage(int number, Request request) {
    return new Request(
        IngestedImage.newBuilder(request.image()).setRequestId("%032x".formatted(number)).build(),
        request.origin());
  }

  private static RgbImage image() {
    byte[] rgb = new byte[3 * 16 * 16];
    new Random(5).nextBytes(rgb);
    return new RgbImage(16, 16, rgb);
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          String,
          Either<Request, String>,
          Either<Embedded, Unreadable>,
          Either<Embedded, Either<Request, String>>>
      open(EmbedderSource late, Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new AdmitFunction(late, Clock.systemUTC()),
        requested -> requested.isLeft() ? requested.left().imageId() : requested.right(),
        embedding -> StreamTypes.fromEither(embedding).request().imageId(),
        Types.STRING,
        StreamTypes.ADMITTED,
        snapshot);
  }
}
