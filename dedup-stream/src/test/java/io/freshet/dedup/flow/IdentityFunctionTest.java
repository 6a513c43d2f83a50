package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.request.Request;
import io.freshet.dedup.testing.Harnesses;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class IdentityFunctionTest {
  @Test
  void theSamePixelsAgainAreACopyAlsoAfterARestore() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement(new StreamRecord<>(request(1, 1)));
      harness.processElement(new StreamRecord<>(request(2, 2)));
      snapshot = harness.snapshot(1, 1);
      harness.processElement(new StreamRecord<>(request(3, 3)));
      assertEquals(3, harness.extractOutputValues().size());
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement(new StreamRecord<>(request(4, 1)));
      harness.processElement(new StreamRecord<>(request(3, 3)));
      assertEquals(List.of(request(3, 3)), harness.extractOutputValues());
      assertEquals(
          request(4, 1), harness.getSideOutput(IdentityFunction.COPIES).remove().getValue());
    }
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Request, Request> open(
      Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new IdentityFunction(), Request::imageId, Types.STRING, StreamTypes.REQUEST, snapshot);
  }
}
