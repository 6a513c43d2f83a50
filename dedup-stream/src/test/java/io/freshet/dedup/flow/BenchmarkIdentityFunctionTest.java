package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.embedded;
import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.schemas.RejectionReason;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class BenchmarkIdentityFunctionTest {
  private static final Either<Embedded, Unreadable> READ =
      Either.Left(embedded(1, new float[] {1, 0}));
  private static final Either<Embedded, Unreadable> UNREADABLE =
      Either.Right(new Unreadable(request(1), RejectionReason.CORRUPT, "no image"));

  @Test
  void aBenchmarkThatWasUnreadableOnceCanBeRegisteredAgain() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement(new StreamRecord<>(UNREADABLE));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement(new StreamRecord<>(UNREADABLE));
      harness.processElement(new StreamRecord<>(READ));
      assertEquals(List.of(false, true), read(harness));
    }
  }

  @Test
  void aReadBenchmarkPassesOnceAlsoAfterARestore() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(Optional.empty())) {
      harness.processElement(new StreamRecord<>(READ));
      harness.processElement(new StreamRecord<>(READ));
      assertEquals(List.of(true), read(harness));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = open(Optional.of(snapshot))) {
      harness.processElement(new StreamRecord<>(READ));
      assertEquals(List.of(), read(harness));
    }
  }

  /** Of what passed, whether it was readable. */
  private static List<Boolean> read(
      KeyedOneInputStreamOperatorTestHarness<
              String, Either<Embedded, Unreadable>, Either<Embedded, Unreadable>>
          harness) {
    return harness.extractOutputValues().stream().map(Either::isLeft).toList();
  }

  private static KeyedOneInputStreamOperatorTestHarness<
          String, Either<Embedded, Unreadable>, Either<Embedded, Unreadable>>
      open(Optional<OperatorSubtaskState> snapshot) throws Exception {
    return Harnesses.open(
        new BenchmarkIdentityFunction(),
        embedding -> StreamTypes.fromEither(embedding).request().imageId(),
        Types.STRING,
        StreamTypes.EMBEDDING,
        snapshot);
  }
}
