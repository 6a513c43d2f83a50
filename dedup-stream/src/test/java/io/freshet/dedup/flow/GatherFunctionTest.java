package io.freshet.dedup.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.candidate.Inquiry;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.schemas.DuplicateMethod;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class GatherFunctionTest {
  private static final Inquiry INQUIRY = new Inquiry("image", 7, 3);
  private static final Edge NEAR =
      new Edge("other", new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.7f));
  private static final Edge BY_HASH = new Edge("other", new Evidence(DuplicateMethod.HASH, 12));
  private static final Edge THIRD = new Edge("third", new Evidence(DuplicateMethod.HASH, 30));

  @Test
  void anImageLeavesWithItsLastAnswerAndTheStrongestEdgeToEachOther() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement(new StreamRecord<>(new Answer(INQUIRY, List.of(NEAR))));
      harness.processElement(new StreamRecord<>(new Answer(INQUIRY, List.of())));
      assertEquals(List.of(), harness.extractOutputValues());
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement(new StreamRecord<>(new Answer(INQUIRY, List.of(THIRD, BY_HASH))));
      assertEquals(
          List.of(new Gathered("image", 7, List.of(BY_HASH, THIRD))),
          harness.extractOutputValues());
    }
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Answer, Gathered> open(
      Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new GatherFunction(),
        answer -> answer.inquiry().imageId(),
        Types.STRING,
        StreamTypes.GATHERED,
        snapshot);
  }
}
