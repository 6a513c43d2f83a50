package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Embeddings.embedded;
import static io.freshet.dedup.testing.Embeddings.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class SequenceBatchOperatorTest {
  @Test
  void imagesPassTogetherInTheirOrderAndFurtherRequestsStayBehind() throws Exception {
    try (var harness = harness()) {
      harness.processElement(admitted(embedded(1, new float[] {1})));
      harness.processElement(new StreamRecord<>(Either.Right(Either.Left(request(2, 1)))));
      harness.processElement(admitted(embedded(3, new float[] {1})));
      harness.prepareSnapshotPreBarrier(1);
      List<List<Embedded>> batches = harness.extractOutputValues();
      assertEquals(1, batches.size());
      assertEquals(
          List.of(embedded(1, new float[0]), embedded(3, new float[0])).stream()
              .map(image -> image.request().imageId())
              .toList(),
          batches.get(0).stream().map(image -> image.request().imageId()).toList());
    }
  }

  @Test
  void furtherRequestsAloneMakeNoBatch() throws Exception {
    try (var harness = harness()) {
      harness.processElement(new StreamRecord<>(Either.Right(Either.Left(request(2, 1)))));
      harness.prepareSnapshotPreBarrier(1);
      assertEquals(List.of(), harness.extractOutputValues());
    }
  }

  private static StreamRecord<Either<Embedded, Either<Request, String>>> admitted(Embedded image) {
    return new StreamRecord<>(Either.Left(image));
  }

  private static OneInputStreamOperatorTestHarness<
          Either<Embedded, Either<Request, String>>, List<Embedded>>
      harness() throws Exception {
    var harness = new OneInputStreamOperatorTestHarness<>(new SequenceBatchOperator());
    harness.setup(
        StreamTypes.SEQUENCE_BATCH.createSerializer(
            harness.getExecutionConfig().getSerializerConfig()));
    harness.open();
    return harness;
  }
}
