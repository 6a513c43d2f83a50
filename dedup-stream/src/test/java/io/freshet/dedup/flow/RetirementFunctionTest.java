package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.platform.config.Config;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class RetirementFunctionTest {
  /** Several times what the retention keeps. */
  private static final int IMAGES = 1_000;

  @Test
  void idsGoBehindRequestsOnceACheckpointIsCompleteAlsoAfterARestore() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open("64", Optional.empty())) {
      requestAll(harness, 0, IMAGES);
      assertEquals(Set.of(), forgotten(harness), "their outcomes may not be there");
      snapshot = harness.snapshot(1, 1);
      requestAll(harness, IMAGES, IMAGES + 200);
      assertEquals(Set.of(), forgotten(harness), "the checkpoint isn't complete");
      harness.notifyOfCompletedCheckpoint(1);
      requestAll(harness, IMAGES + 200, IMAGES + 400);
      assertEquals(true, forgotten(harness).size() > 100);
    }
    try (var harness = open("64", Optional.of(snapshot))) {
      requestAll(harness, IMAGES, IMAGES + 200);
      Set<String> gone = forgotten(harness);
      assertEquals(true, gone.size() > 100, "all of a checkpoint have their outcomes");
      requestAll(harness, IMAGES, IMAGES + 200);
      assertEquals(gone, forgotten(harness), "a further request pushes none out");
    }
  }

  @Test
  void nothingIsKeptWhereNothingIsForgotten() throws Exception {
    try (var harness = open("0", Optional.empty())) {
      requestAll(harness, 0, IMAGES);
      harness.snapshot(1, 1);
      harness.notifyOfCompletedCheckpoint(1);
      requestAll(harness, IMAGES, 2 * IMAGES);
      assertEquals(Set.of(), forgotten(harness));
    }
  }

  private static void requestAll(
      KeyedOneInputStreamOperatorTestHarness<Integer, Request, Either<Request, String>> harness,
      int from,
      int until)
      throws Exception {
    for (int i : IntStream.range(from, until).toArray()) {
      harness.processElement(new StreamRecord<>(request(i)));
    }
  }

  private static Set<String> forgotten(
      KeyedOneInputStreamOperatorTestHarness<Integer, Request, Either<Request, String>> harness) {
    List<String> ids =
        harness.extractOutputValues().stream().filter(Either::isRight).map(Either::right).toList();
    assertEquals(ids.size(), new HashSet<>(ids).size(), "each goes once");
    return Set.copyOf(ids);
  }

  private static KeyedOneInputStreamOperatorTestHarness<Integer, Request, Either<Request, String>>
      open(String images, Optional<OperatorSubtaskState> snapshot) throws Exception {
    DedupConfig config =
        Config.defaults()
            .with("dedup.retention.images", images)
            .section("dedup", DedupConfig.class);
    return Harnesses.open(
        new RetirementFunction(config),
        RetirementFunction::keyOf,
        Types.INT,
        StreamTypes.REQUESTED,
        snapshot);
  }
}
