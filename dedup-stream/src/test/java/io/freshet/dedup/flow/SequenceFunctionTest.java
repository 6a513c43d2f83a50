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
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class SequenceFunctionTest {
  private static final int DIM = 1792;

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
          16, toRows.stream().map(StreamRecord::getValue).map(HashVisit::row).distinct().count());
    }
  }

  @Test
  void aHashOfPoorQualityVisitsNoRow() throws Exception {
    Embedded good = embedded(1, UnitVectors.random(DIM, random));
    PixelHash poor = new PixelHash(good.hash().upright(), good.hash().mirrored(), 49);
    try (var harness = open()) {
      harness.processElement1(
          new StreamRecord<>(
              List.of(new Embedded(good.request(), good.spaceId(), good.vector(), poor))));
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
                  new Embedded(request, sample.spaceId(), sample.vector(), sample.hash()))));
      List<VectorVisit> toCells = harness.extractOutputValues();
      assertEquals(CellRouter.SHARDS, toCells.size());
      assertTrue(toCells.stream().allMatch(VectorVisit::stays));
      assertEquals(20, toCells.stream().mapToInt(visit -> visit.cells().length).sum(), "all cells");
      assertEquals(
          Benchmark.name(imageId(1)), toCells.get(0).inquiry().imageId(), "apart from the image");
    }
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
    return Harnesses.open(
        new SequenceFunction(Config.defaults().section("dedup", DedupConfig.class)),
        image -> 0,
        benchmark -> 0,
        Types.INT,
        StreamTypes.VECTOR_VISIT,
        Optional.empty());
  }
}
