package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.embedded;
import static io.freshet.dedup.testing.Embeddings.request;
import static io.freshet.dedup.testing.Requests.imageId;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.CpuTime;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.platform.config.Config;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class SequenceFunctionTest {
  private static final int DIM = 1792;

  private static final Config NORMALISED =
      Config.defaults()
          .with("dedup.embedding.normalisation.weight", "1")
          .with("dedup.embedding.normalisation.background", "16")
          .with("dedup.embedding.normalisation.renewal", "40");

  private final Random random = new Random(41);

  @Test
  void anImageVisitsItsShardsAndRowsAndSaysHowManyWillAnswer() throws Exception {
    try (var harness = open()) {
      harness.processElement1(
          new StreamRecord<>(List.of(embedded(1, UnitVectors.random(DIM, random)))));
      List<VectorVisit> toCells = harness.extractOutputValues();
      var toRows = harness.getSideOutput(SequenceFunction.TO_ROWS);
      int visits = toCells.size() + toRows.size();
      toCells.forEach(visit -> assertEquals(visits, visit.inquiry().visits()));
      toRows.forEach(visit -> assertEquals(visits, visit.getValue().inquiry().visits()));
      assertEquals(1, toCells.stream().filter(VectorVisit::stays).count(), "it has one home");
      assertEquals(
          8, toRows.stream().map(StreamRecord::getValue).map(HashVisit::pair).distinct().count());
    }
  }

  @Test
  void aHashOfPoorQualityVisitsNoRow() throws Exception {
    Embedded good = embedded(1, UnitVectors.random(DIM, random));
    PixelHash hash = good.hashes().get(0);
    PixelHash poor = new PixelHash(hash.upright(), hash.mirrored(), 49);
    try (var harness = open()) {
      harness.processElement1(
          new StreamRecord<>(
              List.of(new Embedded(good.request(), good.spaceId(), good.vector(), List.of(poor)))));
      assertEquals(null, harness.getSideOutput(SequenceFunction.TO_ROWS));
      List<VectorVisit> toCells = harness.extractOutputValues();
      assertEquals(toCells.size(), toCells.get(0).inquiry().visits());
    }
  }

  @Test
  void aBenchmarkVisitsEveryShardAndStaysInEach() throws Exception {
    Request request = BenchmarkRequests.of(seed());
    Embedded sample = embedded(1, UnitVectors.random(DIM, random));
    try (var harness = open()) {
      for (int i = 0; i < 20; i++) {
        harness.processElement1(
            new StreamRecord<>(List.of(embedded(i, UnitVectors.random(DIM, random)))));
      }
      harness.getOutput().clear();
      harness.processElement2(
          new StreamRecord<>(
              Either.Left(
                  new Embedded(request, sample.spaceId(), sample.vector(), sample.hashes()))));
      List<VectorVisit> toCells = harness.extractOutputValues();
      assertEquals(CellRouter.SHARDS, toCells.size());
      assertTrue(toCells.stream().allMatch(VectorVisit::stays));
      assertEquals(20, toCells.stream().mapToInt(visit -> visit.cells().length).sum(), "all cells");
      assertEquals(
          Benchmark.name(imageId(1), "benchmark"),
          toCells.get(0).inquiry().imageId(),
          "apart from the image");
    }
  }

  /** Also a background that is being sampled: the second half of the images renews it. */
  @Test
  void theBackgroundStandsAcrossARestore() throws Exception {
    float[][] vectors = new float[90][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] =
          i % 3 == 0
              ? UnitVectors.random(DIM, random)
              : UnitVectors.atCosine(vectors[i - 1], 0.3 + 0.6 * random.nextDouble(), random);
    }
    List<Float> uninterrupted;
    try (var harness = open(NORMALISED, Optional.empty())) {
      harness.processElement1(new StreamRecord<>(batch(0, 45, vectors)));
      harness.getOutput().clear();
      harness.processElement1(new StreamRecord<>(batch(45, 45, vectors)));
      uninterrupted = excess(harness);
    }
    OperatorSubtaskState snapshot;
    try (var harness = open(NORMALISED, Optional.empty())) {
      harness.processElement1(new StreamRecord<>(batch(0, 45, vectors)));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(NORMALISED, Optional.of(snapshot))) {
      harness.processElement1(new StreamRecord<>(batch(45, 45, vectors)));
      List<Float> restored = excess(harness);
      assertEquals(45, restored.size());
      assertTrue(restored.stream().filter(excess -> excess != 0).count() > 40, "" + restored);
      for (int i = 0; i < 45; i++) {
        assertEquals(uninterrupted.get(i), restored.get(i), 1e-5);
      }
    }
  }

  /** By image, in their order. */
  private static List<Float> excess(
      KeyedTwoInputStreamOperatorTestHarness<
              Integer, List<Embedded>, Either<Embedded, Unreadable>, VectorVisit>
          harness) {
    return harness.extractOutputValues().stream()
        .filter(VectorVisit::stays)
        .map(VectorVisit::excess)
        .toList();
  }

  private static SeedImage seed() {
    return SeedImage.newBuilder()
        .setImageId(imageId(1))
        .setBlob(request(1).image().getBlob())
        .setDataset("benchmark")
        .setLabel("label")
        .setRole(SeedRole.BENCHMARK)
        .setFile("1.png")
        .setAt(Instant.parse("2026-03-01T12:00:00Z"))
        .build();
  }

  /**
   * The serial step: a guard against one that does more than a product, a code and some messages.
   */
  @Test
  void sequencesManyImagesASecond() throws Throwable {
    int images = 1000;
    float[][] vectors = new float[images][];
    for (int i = 0; i < images; i++) {
      vectors[i] = UnitVectors.random(DIM, random);
    }
    try (var harness = open()) {
      CpuTime.assertImagesPerSecond(
          "sequence of %d elements".formatted(DIM),
          300,
          images,
          () -> {
            for (int i = 0; i < images; i += 50) {
              harness.processElement1(new StreamRecord<>(batch(i, 50, vectors)));
            }
          });
    }
  }

  private static List<Embedded> batch(int first, int images, float[][] vectors) {
    return IntStream.range(first, first + images).mapToObj(i -> embedded(i, vectors[i])).toList();
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          Integer, List<Embedded>, Either<Embedded, Unreadable>, VectorVisit>
      open() throws Exception {
    return open(Config.defaults(), Optional.empty());
  }

  private static KeyedTwoInputStreamOperatorTestHarness<
          Integer, List<Embedded>, Either<Embedded, Unreadable>, VectorVisit>
      open(Config config, Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new SequenceFunction(config.section("dedup", DedupConfig.class)),
        image -> 0,
        benchmark -> 0,
        Types.INT,
        StreamTypes.VECTOR_VISIT,
        snapshot);
  }
}
