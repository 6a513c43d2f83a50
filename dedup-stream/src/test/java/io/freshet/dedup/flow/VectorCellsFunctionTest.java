package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.embedded;
import static io.freshet.dedup.testing.Requests.imageId;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.candidate.Fanout;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.EmbedderChangedException;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.dedup.similarity.ScannedFounders;
import io.freshet.dedup.similarity.StoredOtherwiseException;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.testing.CpuTime;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.dedup.testing.MapTable;
import io.freshet.dedup.testing.Requests;
import io.freshet.platform.config.Config;
import io.freshet.schemas.DuplicateMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class VectorCellsFunctionTest {
  private static final int DIM = 1792;
  private static final DedupConfig CONFIG =
      new DedupConfig(
          new DedupConfig.Hash(31, 50),
          new DedupConfig.Embedding(
              "", 0.95, 0.8, 8, Duration.ofMillis(50), 512, 32_768, 48, 2, Normalisation.NONE),
          Retention.ALL);

  private final Random random = new Random(22);
  private final Fanout fanout =
      new Fanout(
          new CellRouter(
              new MapTable<>(),
              new MapTable<>(),
              CONFIG.embedding().cellSettings(),
              new ScannedFounders()),
          Optional.empty(),
          101);

  @Test
  void vectorsAreComparedAcrossARestore() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      assertEquals(List.of(), edges(harness, embedded(1, vector)));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(Optional.of(snapshot))) {
      List<Edge> edges = edges(harness, embedded(2, UnitVectors.atCosine(vector, 0.99, random)));
      assertEquals(1, edges.size(), "its home is one cell of one shard");
      assertEquals(imageId(1), edges.get(0).imageId());
      assertEquals(DuplicateMethod.COPY_EMBEDDING, edges.get(0).evidence().method());
      assertEquals(0.99, edges.get(0).evidence().score(), 1e-4);
    }
  }

  @Test
  void anImageWithVeryManyCopiesNamesNoMoreThanAnAnswerHolds() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    try (var harness = open(Optional.empty())) {
      for (int i = 0; i < Answer.MOST_EDGES + 10; i++) {
        edges(harness, embedded(i, vector));
      }
      assertEquals(Answer.MOST_EDGES, edges(harness, embedded(900, vector)).size());
    }
  }

  @Test
  void aBenchmarkFindsEveryImageNearItAndIsFoundByEachLaterOne() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    try (var harness = open(Optional.empty())) {
      edges(harness, embedded(1, UnitVectors.atCosine(vector, 0.82, random)));
      edges(harness, embedded(2, UnitVectors.atCosine(vector, 0.78, random)));
      Embedded benchmark = benchmark(embedded(7, vector));
      List<Edge> late = new ArrayList<>();
      late.addAll(edges(harness, fanout.benchmarkVisits(benchmark).toCells()));
      assertEquals(List.of(), late, "it is compared by and by");
      late.addAll(scanned(harness, 50));
      assertEquals(List.of(imageId(1)), late.stream().map(Edge::imageId).toList());

      List<Edge> early = edges(harness, embedded(3, UnitVectors.atCosine(vector, 0.82, random)));
      assertEquals(
          List.of(Benchmark.name(imageId(7), "photos")),
          early.stream().map(Edge::imageId).toList());
    }
  }

  /** With cells that are founded and filled between the slices, and a restore. */
  @Test
  void aBenchmarkFindsInSlicesWhatAComparisonOfAllFindsAlsoAcrossARestore() throws Exception {
    List<float[]> stored = new ArrayList<>();
    float[] published = UnitVectors.random(DIM, random);
    Embedded benchmark = benchmark(embedded(7_000, published));
    Embedded second = benchmark(embedded(7_001, UnitVectors.atCosine(published, 0.97, random)));
    List<Edge> late = new ArrayList<>();
    OperatorSubtaskState snapshot;
    int slices;
    try (var harness = open(Optional.empty())) {
      store(harness, stored, published, 400);
      edges(harness, fanout.benchmarkVisits(benchmark).toCells());
      edges(harness, fanout.benchmarkVisits(second).toCells());
      late.addAll(scanned(harness, 3));
      slices = late.size();
      snapshot = harness.snapshot(1, 1);
      late.addAll(scanned(harness, 10));
    }
    late.subList(slices, late.size()).clear();
    int before = stored.size();
    try (var harness = open(Optional.of(snapshot))) {
      store(harness, stored, published, 100);
      late.addAll(scanned(harness, 1_000));
    }
    assertTrue(slices < late.size(), "all was compared at once");
    for (Embedded asked : List.of(benchmark, second)) {
      Set<String> found = new HashSet<>();
      for (int i = 0; i < before; i++) {
        if (UnitVectors.dot(stored.get(i), asked.vector())
            > CONFIG.embedding().benchmarkThreshold()) {
          found.add(imageId(i));
        }
      }
      assertTrue(found.size() >= 50, "too few to find: " + found.size());
      assertTrue(late.stream().map(Edge::imageId).toList().containsAll(found));
    }
    for (Edge edge : late) {
      int image = Integer.parseInt(edge.imageId(), 16);
      assertTrue(
          UnitVectors.dot(stored.get(image), published) > 0.7, "not near to either: " + image);
    }
  }

  /** Every fourth near to what is published, well above or below where benchmarks are refused. */
  private void store(
      KeyedOneInputStreamOperatorTestHarness<Integer, VectorVisit, Answer> harness,
      List<float[]> stored,
      float[] published,
      int images)
      throws Exception {
    for (int i = 0; i < images; i++) {
      double cosine = i % 8 == 0 ? 0.6 : 0.9;
      float[] vector =
          i % 4 == 0
              ? UnitVectors.atCosine(published, cosine, random)
              : UnitVectors.random(DIM, random);
      edges(harness, embedded(stored.size(), vector));
      stored.add(vector);
    }
  }

  /** What is found in some more slices a shard. */
  private static List<Edge> scanned(
      KeyedOneInputStreamOperatorTestHarness<Integer, VectorVisit, Answer> harness, int slices)
      throws Exception {
    int before = harness.extractOutputValues().size();
    for (int i = 0; i < slices && harness.numProcessingTimeTimers() > 0; i++) {
      harness.setProcessingTime(harness.getProcessingTime() + 1_000);
    }
    return harness.extractOutputValues().stream()
        .skip(before)
        .flatMap(answer -> answer.edges().stream())
        .toList();
  }

  private static Embedded benchmark(Embedded embedded) {
    Request named =
        Requests.request(
            0, Benchmark.name(embedded.request().imageId(), "photos"), new BitCode(new long[4]), 0);
    return new Embedded(named, embedded.spaceId(), embedded.vector(), embedded.hashes());
  }

  @Test
  void anotherEmbedderIsRefusedAfterARestore() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      edges(harness, embedded(1, vector));
      snapshot = harness.snapshot(1, 1);
    }
    Embedded before = embedded(2, vector);
    Embedded other = new Embedded(before.request(), "sscd@1/x/l2", vector, before.hashes());
    try (var harness = open(Optional.of(snapshot))) {
      assertThrows(EmbedderChangedException.class, () -> edges(harness, other));
    }
  }

  @Test
  void normalisationOverAStateWithoutItIsRefused() throws Exception {
    float[] vector = UnitVectors.random(DIM, random);
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      edges(harness, embedded(1, vector));
      snapshot = harness.snapshot(1, 1);
    }
    DedupConfig normalised =
        Config.defaults()
            .with("dedup.embedding.normalisation.weight", "1")
            .section("dedup", DedupConfig.class);
    try (var harness = open(normalised, Optional.of(snapshot))) {
      assertThrows(StoredOtherwiseException.class, () -> edges(harness, embedded(2, vector)));
    }
  }

  /** A guard against a step that scans full vectors: 500 images/s are promised on one core. */
  @Test
  void answersForManyImagesASecond() throws Throwable {
    int images = 1000;
    List<VectorVisit> visits = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      visits.addAll(visits(embedded(i, UnitVectors.random(DIM, random))));
    }
    try (var harness = open(Optional.empty())) {
      CpuTime.assertImagesPerSecond(
          "vector cells of %d elements".formatted(DIM),
          150,
          images,
          () -> {
            for (VectorVisit visit : visits) {
              harness.processElement(new StreamRecord<>(visit));
            }
          });
    }
  }

  private List<VectorVisit> visits(Embedded embedded) {
    return fanout.visits(List.of(embedded), image -> false).get(0).toCells();
  }

  private List<Edge> edges(
      KeyedOneInputStreamOperatorTestHarness<Integer, VectorVisit, Answer> harness,
      Embedded embedded)
      throws Exception {
    return edges(harness, visits(embedded));
  }

  private static List<Edge> edges(
      KeyedOneInputStreamOperatorTestHarness<Integer, VectorVisit, Answer> harness,
      List<VectorVisit> visits)
      throws Exception {
    int before = harness.extractOutputValues().size();
    for (VectorVisit visit : visits) {
      harness.processElement(new StreamRecord<>(visit));
    }
    return harness.extractOutputValues().stream()
        .skip(before)
        .flatMap(answer -> answer.edges().stream())
        .toList();
  }

  private static KeyedOneInputStreamOperatorTestHarness<Integer, VectorVisit, Answer> open(
      Optional<OperatorSubtaskState> snapshot) throws Exception {
    return open(CONFIG, snapshot);
  }

  private static KeyedOneInputStreamOperatorTestHarness<Integer, VectorVisit, Answer> open(
      DedupConfig config, Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new VectorCellsFunction(config),
        VectorCellsFunction::keyOf,
        Types.INT,
        StreamTypes.ANSWER,
        snapshot);
  }
}
