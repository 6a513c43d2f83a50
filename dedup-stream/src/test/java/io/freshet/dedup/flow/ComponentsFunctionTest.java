package io.freshet.dedup.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.component.Verdict.Kind;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.testing.CpuTime;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.dedup.testing.Requests;
import io.freshet.schemas.DuplicateMethod;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class ComponentsFunctionTest {
  private static final Evidence NEAR = new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.7f);

  @Test
  void aBridgeRetractsTheLaterKeeperAcrossARestore() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement(new StreamRecord<>(new Gathered("b", 2, List.of())));
      harness.processElement(new StreamRecord<>(new Gathered("a", 1, List.of())));
      assertEquals(
          List.of(Kind.KEPT, Kind.KEPT),
          harness.extractOutputValues().stream().map(Verdict::kind).toList());
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement(
          new StreamRecord<>(
              new Gathered("c", 3, List.of(new Edge("a", NEAR), new Edge("b", NEAR)))));
      assertEquals(
          List.of(
              new Verdict(Kind.RETRACTED, "b", "a", List.of(near("b", "c"))),
              new Verdict(Kind.COPY, "c", "a", List.of(near("c", "a")))),
          harness.extractOutputValues());
    }
  }

  /** The other serial step: a guard against one that grows with what was decided. */
  @Test
  void decidesManyImagesASecond() throws Throwable {
    int images = 20_000;
    try (var harness = open(Optional.empty())) {
      CpuTime.assertImagesPerSecond(
          "components",
          2_000,
          images,
          () -> {
            for (int i = 0; i < images; i++) {
              List<Edge> edges =
                  i % 4 == 0 ? List.of() : List.of(new Edge(Requests.imageId(i / 2), NEAR));
              harness.processElement(
                  new StreamRecord<>(new Gathered(Requests.imageId(i), i, edges)));
            }
          });
    }
  }

  private static Evidence near(String imageId, String other) {
    return new Evidence(NEAR.method(), NEAR.score(), imageId, other);
  }

  private static KeyedOneInputStreamOperatorTestHarness<Integer, Gathered, Verdict> open(
      Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new ComponentsFunction(), image -> 0, Types.INT, StreamTypes.VERDICT, snapshot);
  }
}
