package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Requests.imageId;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.Inquiry;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.dedup.hash.RowPair;
import io.freshet.dedup.testing.CpuTime;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.platform.config.Config;
import io.freshet.schemas.DuplicateMethod;
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
class HashRowsFunctionTest {
  private final Random random = new Random(21);

  @Test
  void mirroredAndTurnedCopiesAreFoundAcrossARestore() throws Exception {
    BitCode hash = Codes.random(random);
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      visit(harness, 1, hash, Codes.random(random));
      snapshot = harness.snapshot(1, 1);
    }
    BitCode turned = Codes.flipEvenly(Dihedral.variants(hash)[6], 31, random);
    try (var harness = open(Optional.of(snapshot))) {
      Evidence evidence = new Evidence(DuplicateMethod.HASH, 31);
      assertEquals(
          Set.of(new Edge(imageId(1), evidence)), visit(harness, 2, turned, Codes.random(random)));
    }
    try (var harness = open(Optional.of(snapshot))) {
      Evidence evidence = new Evidence(DuplicateMethod.HASH, 31);
      assertEquals(
          Set.of(new Edge(imageId(1), evidence)),
          visit(harness, 3, Codes.random(random), turned),
          "the mirrored hash is asked too");
    }
  }

  @Test
  void thirtyTwoBitsAreTooMany() throws Exception {
    BitCode hash = Codes.random(random);
    try (var harness = open(Optional.empty())) {
      visit(harness, 1, hash, hash);
      BitCode other = Codes.flipEvenly(hash, 32, random);
      assertEquals(Set.of(), visit(harness, 2, other, other));
    }
  }

  /** A guard against a step that scans: 500 images/s are promised on one core, state on disk. */
  @Test
  void answersForManyImagesASecond() throws Throwable {
    try (var harness = open(Optional.empty())) {
      int images = 2000;
      CpuTime.assertImagesPerSecond(
          "hash rows",
          100,
          images,
          () -> {
            for (int i = 0; i < images; i++) {
              BitCode hash = Codes.random(random);
              send(harness, i, hash, hash);
            }
          });
    }
  }

  private static Set<Edge> visit(
      KeyedOneInputStreamOperatorTestHarness<Integer, HashVisit, Answer> harness,
      int image,
      BitCode upright,
      BitCode mirrored)
      throws Exception {
    int before = harness.extractOutputValues().size();
    send(harness, image, upright, mirrored);
    Set<Edge> edges = new HashSet<>();
    harness.extractOutputValues().stream()
        .skip(before)
        .forEach(answer -> edges.addAll(answer.edges()));
    return edges;
  }

  private static void send(
      KeyedOneInputStreamOperatorTestHarness<Integer, HashVisit, Answer> harness,
      int image,
      BitCode upright,
      BitCode mirrored)
      throws Exception {
    for (int pair = 0; pair < RowPair.PAIRS; pair++) {
      harness.processElement(
          new StreamRecord<>(
              new HashVisit(
                  pair,
                  new Inquiry(imageId(image), image, RowPair.PAIRS),
                  List.of(upright, mirrored))));
    }
  }

  private static KeyedOneInputStreamOperatorTestHarness<Integer, HashVisit, Answer> open(
      Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new HashRowsFunction(Config.defaults().section("dedup", DedupConfig.class)),
        HashRowsFunction::keyOf,
        Types.INT,
        StreamTypes.ANSWER,
        snapshot);
  }
}
