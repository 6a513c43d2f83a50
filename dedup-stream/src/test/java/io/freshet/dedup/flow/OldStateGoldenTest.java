package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.component.Verdict.Kind;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.testing.Harnesses;
import io.freshet.dedup.testing.Requests;
import io.freshet.platform.config.Config;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.UniqueImage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

/**
 * Checkpoints of the version in which ids were kept for ever: an image a, a copy b of it, another
 * image c; and an image that was unique.
 */
@SuppressWarnings("try") // a harness's close may throw InterruptedException
class OldStateGoldenTest {
  private static final Evidence NEAR = new Evidence(DuplicateMethod.COPY_EMBEDDING, 0.7f);

  @Test
  void componentsAnswerForWhatWasDecidedBefore() throws Exception {
    try (var harness =
        Harnesses.open(
            new ComponentsFunction(),
            (Gathered image) -> 0,
            Types.INT,
            StreamTypes.VERDICT,
            Optional.of(state("components.v1.bin")))) {
      harness.processElement(new StreamRecord<>(gathered("d", "b")));
      harness.processElement(
          new StreamRecord<>(new Gathered("e", 5, List.of(), 1, List.of("a", "b", "c"))));
      harness.processElement(new StreamRecord<>(new Gathered("a", 6, List.of(), 1, List.of())));
      harness.processElement(new StreamRecord<>(gathered("f", "a", "c")));
      assertEquals(
          List.of(Kind.COPY, Kind.KEPT, Kind.RETURNED, Kind.RETRACTED, Kind.COPY),
          harness.extractOutputValues().stream().map(Verdict::kind).toList());
      assertEquals(
          List.of("a", "e", "a", "a", "a"),
          harness.extractOutputValues().stream().map(Verdict::keptImageId).toList());
    }
  }

  @Test
  void copiesOfWhatWasSettledBeforeFindItsFate() throws Exception {
    DedupConfig config = Config.defaults().section("dedup", DedupConfig.class);
    try (var harness =
        Harnesses.open(
            new SettleFunction(config, Clock.systemUTC()),
            admitted ->
                admitted.isLeft()
                    ? admitted.left().request().imageId()
                    : admitted.right().left().imageId(),
            Verdict::imageId,
            Types.STRING,
            JobContext.avro(UniqueImage.class),
            Optional.of(state("settle.v1.bin")))) {
      harness.processElement1(new StreamRecord<>(Either.Right(Either.Left(request(2, 1)))));
      DuplicateImage copy = harness.getSideOutput(SettleFunction.DUPLICATES).remove().getValue();
      assertEquals(DuplicateMethod.EXACT, copy.getMethod());
      assertEquals(Requests.imageId(1), copy.getKeptImageId());
    }
  }

  private static Gathered gathered(String imageId, String... copies) {
    List<Edge> edges = List.of(copies).stream().map(copy -> new Edge(copy, NEAR)).toList();
    return new Gathered(imageId, 7, edges, 1, List.of());
  }

  private static OperatorSubtaskState state(String file) throws Exception {
    return OperatorSnapshotUtil.readStateHandle(
        Path.of("src/test/resources/state", file).toString());
  }
}
