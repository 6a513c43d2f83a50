package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Requests.imageId;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.similarity.EmbedderChangedException;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.CpuTime;
import io.freshet.dedup.testing.Requests;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class DecideFunctionTest {
  private static final String SPACE = "fake@1/pixels/l2";
  private static final int DIM = 1792;
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final DedupConfig CONFIG =
      new DedupConfig(
          new DedupConfig.Hash(31, 50),
          new DedupConfig.Embedding("", 0.95, 8, Duration.ofMillis(50), 8, 5));

  private final Random random = new Random(22);

  @Test
  void aCopyThatOvertookItsOriginalWaitsEvenAcrossARestore() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    OperatorSubtaskState snapshot;
    try (var harness = open(null)) {
      harness.processElement1(new StreamRecord<>(exactCopy(2, 1)));
      assertEquals(0, harness.extractOutputValues().size());
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(snapshot)) {
      harness.processElement2(new StreamRecord<>(embedded(1, vector)));

      UniqueImage unique = harness.extractOutputValues().get(0);
      assertEquals(imageId(1), unique.getImageId());
      assertEquals(imageId(1), unique.getComponentId());
      assertEquals(NOW, unique.getDecidedAt());
      assertEquals(SPACE, unique.getCopyEmbedding().getSpaceId());
      assertArrayEquals(vector, Vectors.toFloats(unique.getCopyEmbedding()));
      DuplicateImage duplicate =
          harness.getSideOutput(DecideFunction.DUPLICATES).remove().getValue();
      assertEquals(DuplicateMethod.EXACT, duplicate.getMethod());
      assertEquals(imageId(1), duplicate.getKeptImageId());
      assertEquals("%032x".formatted(2), duplicate.getRequestId());
    }
  }

  @Test
  void vectorsAreComparedAcrossARestore() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    OperatorSubtaskState snapshot;
    try (var harness = open(null)) {
      harness.processElement2(new StreamRecord<>(embedded(1, vector)));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(snapshot)) {
      harness.processElement2(
          new StreamRecord<>(embedded(2, UnitVectors.atCosine(vector, 0.97, random))));
      DuplicateImage duplicate =
          harness.getSideOutput(DecideFunction.DUPLICATES).remove().getValue();
      assertEquals(DuplicateMethod.COPY_EMBEDDING, duplicate.getMethod());
      assertEquals(0.97, duplicate.getScore(), 1e-4);
      assertEquals(0.95, duplicate.getThreshold(), 1e-6);
      assertEquals(SPACE, duplicate.getSpaceId());
      assertEquals(0, harness.extractOutputValues().size());
    }
  }

  @Test
  void aBridgeBetweenTwoUniqueImagesRetractsTheLater() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    float[] relative = UnitVectors.atCosine(vector, 0.9, random);
    OperatorSubtaskState snapshot;
    try (var harness = open(null)) {
      harness.processElement2(new StreamRecord<>(embedded(2, vector)));
      harness.processElement2(new StreamRecord<>(embedded(1, relative)));
      assertEquals(2, harness.extractOutputValues().size());
      assertEquals(null, harness.getSideOutput(DecideFunction.RETRACTIONS));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(snapshot)) {
      harness.processElement2(
          new StreamRecord<>(embedded(3, UnitVectors.between(vector, relative))));
      DuplicateImage duplicate =
          harness.getSideOutput(DecideFunction.DUPLICATES).remove().getValue();
      assertEquals(imageId(1), duplicate.getKeptImageId());
      assertEquals(
          new RetractedImage(imageId(2), imageId(1), RetractionCause.MERGED, NOW),
          harness.getSideOutput(DecideFunction.RETRACTIONS).remove().getValue());
    }
  }

  @Test
  void anotherEmbedderIsRefusedAfterARestore() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(null)) {
      harness.processElement2(new StreamRecord<>(embedded(1, UnitVectors.random(DIM, random))));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(snapshot)) {
      Embedded other =
          new Embedded(request(2), "sscd@1/x/l2", UnitVectors.random(DIM, random), hash(90));
      assertThrows(
          EmbedderChangedException.class,
          () -> harness.processElement2(new StreamRecord<>(Either.Left(other))));
    }
  }

  @Test
  void aRefusalNamesItsOrigin() throws Exception {
    try (var harness = open(null)) {
      String detail = "ä".repeat(1000);
      Unreadable lost = new Unreadable(request(7), RejectionReason.BLOB_ALTERED, detail);
      harness.processElement2(new StreamRecord<>(Either.Right(lost)));
      RejectedImage rejected = harness.getSideOutput(DecideFunction.REFUSALS).remove().getValue();
      assertEquals("%032x".formatted(7), rejected.getRequestId());
      assertEquals(RejectionReason.BLOB_ALTERED, rejected.getReason());
      assertEquals("dedup", rejected.getStage());
      assertEquals(7, rejected.getOrigin().getOffset());
      assertEquals("ä".repeat(512), rejected.getDetail());
    }
  }

  /** A guard against a step that scans full vectors: 500 images/s are promised on one core. */
  @Test
  void decidesManyImagesASecond() throws Exception {
    try (var harness = open(null)) {
      int images = 2000;
      float[][] vectors = new float[images][];
      for (int i = 0; i < images; i++) {
        vectors[i] = UnitVectors.random(DIM, random);
      }
      long start = CpuTime.ofThisThreadNanos();
      for (int i = 0; i < images; i++) {
        harness.processElement2(new StreamRecord<>(embedded(i, vectors[i])));
      }
      double perSecond = images / ((CpuTime.ofThisThreadNanos() - start) / 1e9);
      System.out.printf(
          "decide: %.0f fresh images per CPU second of %d elements%n", perSecond, DIM);
      assertEquals(images, harness.extractOutputValues().size());
      assertTrue(perSecond > 150, "%.0f images per CPU second".formatted(perSecond));
    }
  }

  private static Request request(int number) {
    return Requests.request(number, imageId(number), new BitCode(new long[4]), 90);
  }

  private static Copy exactCopy(int number, int of) {
    return new Copy(
        Requests.request(number, imageId(of), new BitCode(new long[4]), 90),
        imageId(of),
        DuplicateMethod.EXACT,
        1);
  }

  private static Either<Embedded, Unreadable> embedded(int number, float[] vector) {
    return Either.Left(new Embedded(request(number), SPACE, vector, hash(number)));
  }

  private static PixelHash hash(int number) {
    BitCode code = Codes.random(new Random(number));
    return new PixelHash(Requests.bytes(code), Requests.bytes(code), 90);
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          Integer, Copy, Either<Embedded, Unreadable>, UniqueImage>
      open(OperatorSubtaskState state) throws Exception {
    EmbedderSource none =
        () -> {
          throw new IllegalStateException("no late embedding is expected");
        };
    var harness =
        new KeyedTwoInputStreamOperatorTestHarness<
            Integer, Copy, Either<Embedded, Unreadable>, UniqueImage>(
            new KeyedCoProcessOperator<>(
                new DecideFunction(CONFIG, none, Clock.fixed(NOW, ZoneOffset.UTC))),
            copy -> 0,
            embedding -> 0,
            Types.INT);
    harness.setup(
        JobContext.avro(UniqueImage.class)
            .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    harness.setStateBackend(new EmbeddedRocksDBStateBackend(true));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }
}
