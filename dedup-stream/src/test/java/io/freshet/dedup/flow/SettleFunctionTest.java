package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.embedded;
import static io.freshet.dedup.testing.Embeddings.request;
import static io.freshet.dedup.testing.Requests.imageId;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.component.Verdict.Kind;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.Embeddings;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class SettleFunctionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final DedupConfig CONFIG =
      new DedupConfig(
          new DedupConfig.Hash(31, 50),
          new DedupConfig.Embedding(
              "", 0.95, 0.9, 8, Duration.ofMillis(50), 512, 32_768, 128, 2, Normalisation.NONE),
          Retention.ALL);

  private final float[] vector = UnitVectors.random(64, new Random(23));

  @Test
  void aKeptImageIsUniqueWithTheVectorItWasDecidedOn() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(1, vector))));
      harness.processElement1(new StreamRecord<>(Either.Right(Either.Left(request(2, 1)))));
      assertEquals(List.of(), harness.extractOutputValues(), "the verdict is still open");
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement2(new StreamRecord<>(kept(1)));
      UniqueImage unique = harness.extractOutputValues().get(0);
      assertEquals(imageId(1), unique.getImageId());
      assertEquals(imageId(1), unique.getComponentId());
      assertEquals(NOW, unique.getDecidedAt());
      assertEquals(Embeddings.SPACE, unique.getCopyEmbedding().getSpaceId());
      assertArrayEquals(vector, Vectors.toFloats(unique.getCopyEmbedding()));
      DuplicateImage exact = duplicate(harness);
      assertEquals(DuplicateMethod.EXACT, exact.getMethod());
      assertEquals(imageId(1), exact.getKeptImageId());
      assertEquals("%032x".formatted(2), exact.getRequestId());
    }
  }

  @Test
  void aCopyNamesKeeperScoreThresholdAndSpace() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(2, vector))));
      harness.processElement2(new StreamRecord<>(copy(2, 1, byVector(0.97f, 2, imageId(8)))));
      DuplicateImage byVector = duplicate(harness);
      assertEquals(DuplicateMethod.COPY_EMBEDDING, byVector.getMethod());
      assertEquals(imageId(1), byVector.getKeptImageId());
      assertEquals(imageId(1), byVector.getComponentId());
      assertEquals(imageId(8), byVector.getEvidenceImageId());
      assertEquals(0.97f, byVector.getScore());
      assertEquals(0.95f, byVector.getThreshold());
      assertEquals(Embeddings.SPACE, byVector.getSpaceId());

      harness.processElement1(new StreamRecord<>(Either.Left(embedded(3, vector))));
      harness.processElement2(
          new StreamRecord<>(copy(3, 1, new Evidence(DuplicateMethod.HASH, 12))));
      DuplicateImage byHash = duplicate(harness);
      assertEquals(null, byHash.getEvidenceImageId(), "state from before doesn't tell");
      assertEquals(12, byHash.getScore());
      assertEquals(31, byHash.getThreshold());
      assertEquals(null, byHash.getSpaceId());
    }
  }

  @Test
  void aRetractionPointsLaterCopiesToTheKeeperThatStayed() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(2, vector))));
      harness.processElement2(new StreamRecord<>(kept(2)));
      harness.processElement2(
          new StreamRecord<>(
              new Verdict(
                  Kind.RETRACTED,
                  imageId(2),
                  imageId(1),
                  List.of(byVector(0.97f, 5, imageId(6))))));
      harness.processElement1(new StreamRecord<>(Either.Right(Either.Left(request(3, 2)))));
      assertEquals(
          RetractedImage.newBuilder()
              .setImageId(imageId(2))
              .setKeptImageId(imageId(1))
              .setCause(RetractionCause.MERGED)
              .setAt(NOW)
              .setMethod(DuplicateMethod.COPY_EMBEDDING)
              .setScore(0.97f)
              .setThreshold(0.95f)
              .setOwnImageId(imageId(5))
              .setEvidenceImageId(imageId(6))
              .build(),
          harness.getSideOutput(SettleFunction.RETRACTIONS).remove().getValue());
      assertEquals(imageId(1), duplicate(harness).getKeptImageId());
    }
  }

  @Test
  void anImageNearABenchmarkIsADuplicateOfItByTheLowerThreshold() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(2, vector))));
      harness.processElement2(
          new StreamRecord<>(
              new Verdict(
                  Kind.CONTAMINATED,
                  imageId(2),
                  Benchmark.name(imageId(7), "photos"),
                  List.of(byVector(0.97f, 2, Benchmark.name(imageId(7), "photos"))))));
      DuplicateImage duplicate = duplicate(harness);
      assertEquals(imageId(7), duplicate.getEvidenceImageId());
      assertEquals("photos", duplicate.getBenchmarkDataset());
      assertEquals(DuplicateMethod.BENCHMARK, duplicate.getMethod());
      assertEquals(imageId(7), duplicate.getKeptImageId());
      assertEquals(0.9f, duplicate.getThreshold());
      assertEquals(List.of(), harness.extractOutputValues());
    }
  }

  @Test
  void anImageThatACopyTiesToABenchmarkNamesTheThresholdOfCopies() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(2, vector))));
      harness.processElement2(
          new StreamRecord<>(
              new Verdict(
                  Kind.CONTAMINATED,
                  imageId(2),
                  Benchmark.name(imageId(7), "photos"),
                  List.of(byVector(0.97f, 2, imageId(3))))));
      DuplicateImage duplicate = duplicate(harness);
      assertEquals(DuplicateMethod.BENCHMARK, duplicate.getMethod());
      assertEquals(imageId(7), duplicate.getKeptImageId());
      assertEquals(imageId(3), duplicate.getEvidenceImageId());
      assertEquals(0.95f, duplicate.getThreshold());
    }
  }

  @Test
  void aBenchmarkThatComesLaterWithdrawsWhatWasUnique() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(2, vector))));
      harness.processElement2(new StreamRecord<>(kept(2)));
      harness.processElement2(
          new StreamRecord<>(
              new Verdict(
                  Kind.DECONTAMINATED,
                  imageId(2),
                  Benchmark.name(imageId(7), "photos"),
                  List.of(
                      new Evidence(
                          DuplicateMethod.HASH,
                          12,
                          imageId(2),
                          Benchmark.name(imageId(7), "photos"))))));
      assertEquals(
          RetractedImage.newBuilder()
              .setImageId(imageId(2))
              .setCause(RetractionCause.BENCHMARK_ADDED)
              .setAt(NOW)
              .setBenchmarkDataset("photos")
              .setMethod(DuplicateMethod.HASH)
              .setScore(12f)
              .setThreshold(31f)
              .setOwnImageId(imageId(2))
              .setEvidenceImageId(imageId(7))
              .build(),
          harness.getSideOutput(SettleFunction.RETRACTIONS).remove().getValue());
    }
  }

  @Test
  void aVerdictThatOvertookItsImageWaitsForIt() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement2(new StreamRecord<>(kept(1)));
      harness.processElement2(
          new StreamRecord<>(
              new Verdict(
                  Kind.RETRACTED,
                  imageId(1),
                  imageId(0),
                  List.of(byVector(0.97f, 1, imageId(0))))));
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(1, vector))));
      assertEquals(1, harness.extractOutputValues().size(), "it was unique, then retracted");
      assertEquals(1, harness.getSideOutput(SettleFunction.RETRACTIONS).size());
    }
  }

  @Test
  void aForgottenImageIsDecidedAnewAndCanStillBeWithdrawn() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(1, vector))));
      harness.processElement2(new StreamRecord<>(kept(1)));
      harness.processElement1(new StreamRecord<>(Either.Right(Either.Right(imageId(1)))));
      harness.processElement2(
          new StreamRecord<>(
              new Verdict(
                  Kind.RETRACTED,
                  imageId(1),
                  imageId(0),
                  List.of(byVector(0.97f, 1, imageId(0))))));
      assertEquals(1, harness.getSideOutput(SettleFunction.RETRACTIONS).size());
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(1, vector))));
      assertEquals(1, harness.extractOutputValues().size(), "it awaits another verdict");
      harness.processElement2(
          new StreamRecord<>(new Verdict(Kind.RETURNED, imageId(1), imageId(0), List.of())));
      DuplicateImage exact = duplicate(harness);
      assertEquals(DuplicateMethod.EXACT, exact.getMethod());
      assertEquals(imageId(0), exact.getKeptImageId());
    }
  }

  @Test
  void aVerdictThatOvertookTheWordThatItsImageIsForgottenStays() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(1, vector))));
      harness.processElement2(new StreamRecord<>(kept(1)));
      harness.processElement2(
          new StreamRecord<>(new Verdict(Kind.RETURNED, imageId(1), imageId(1), List.of())));
      harness.processElement1(new StreamRecord<>(Either.Right(Either.Right(imageId(1)))));
      harness.processElement1(new StreamRecord<>(Either.Left(embedded(1, vector))));
      assertEquals(1, harness.extractOutputValues().size());
      assertEquals(DuplicateMethod.EXACT, duplicate(harness).getMethod());
      harness.processElement1(new StreamRecord<>(Either.Right(Either.Left(request(3, 1)))));
      assertEquals("%032x".formatted(3), duplicate(harness).getRequestId());
    }
  }

  private static DuplicateImage duplicate(
      KeyedTwoInputStreamOperatorTestHarness<
              String, Either<Embedded, Either<Request, String>>, Verdict, UniqueImage>
          harness) {
    return harness.getSideOutput(SettleFunction.DUPLICATES).remove().getValue();
  }

  private static Evidence byVector(float cosine, int image, String other) {
    return new Evidence(DuplicateMethod.COPY_EMBEDDING, cosine, imageId(image), other);
  }

  private static Verdict kept(int image) {
    return new Verdict(Kind.KEPT, imageId(image), imageId(image), List.of());
  }

  private static Verdict copy(int image, int keeper, Evidence evidence) {
    return new Verdict(Kind.COPY, imageId(image), imageId(keeper), List.of(evidence));
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          String, Either<Embedded, Either<Request, String>>, Verdict, UniqueImage>
      open(Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new SettleFunction(CONFIG, Clock.fixed(NOW, ZoneOffset.UTC)),
        admitted ->
            admitted.isLeft()
                ? admitted.left().request().imageId()
                : admitted.right().isLeft()
                    ? admitted.right().left().imageId()
                    : admitted.right().right(),
        Verdict::imageId,
        Types.STRING,
        JobContext.avro(UniqueImage.class),
        snapshot);
  }
}
