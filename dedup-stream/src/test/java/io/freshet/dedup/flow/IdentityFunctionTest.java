package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.request.Request;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.dedup.testing.Requests;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class IdentityFunctionTest {
  @Test
  void theSamePixelsAgainAreACopyAlsoAfterARestore() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement(requested(1, 1));
      harness.processElement(requested(2, 2));
      snapshot = harness.snapshot(1, 1);
      harness.processElement(requested(3, 3));
      assertEquals(3, harness.extractOutputValues().size());
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement(requested(4, 1));
      harness.processElement(requested(3, 3));
      assertEquals(List.of(request(3, 3)), harness.extractOutputValues());
      assertEquals(
          request(4, 1), harness.getSideOutput(IdentityFunction.COPIES).remove().getValue().left());
    }
  }

  @Test
  void anIdThatIsForgottenLeavesBehindItsCopiesAndItsPixelsAreNewAgain() throws Exception {
    try (var harness = open(Optional.empty())) {
      harness.processElement(requested(1, 1));
      harness.processElement(requested(2, 1));
      harness.processElement(new StreamRecord<>(Either.Right(Requests.imageId(1))));
      harness.processElement(requested(3, 1));
      assertEquals(List.of(request(1, 1), request(3, 1)), harness.extractOutputValues());
      assertEquals(
          List.of(Either.Left(request(2, 1)), Either.Right(Requests.imageId(1))),
          harness.getSideOutput(IdentityFunction.COPIES).stream()
              .map(StreamRecord::getValue)
              .toList());
    }
  }

  private static StreamRecord<Either<Request, String>> requested(int number, int image) {
    return new StreamRecord<>(Either.Left(request(number, image)));
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Either<Request, String>, Request>
      open(Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new IdentityFunction(),
        requested -> requested.isLeft() ? requested.left().imageId() : requested.right(),
        Types.STRING,
        StreamTypes.REQUEST,
        snapshot);
  }
}
