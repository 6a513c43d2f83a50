package io.freshet.dedup.flow;

import static io.freshet.dedup.testing.Requests.imageId;
import static io.freshet.dedup.testing.Requests.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.testing.CpuTime;
import io.freshet.dedup.testing.TaskMemory;
import io.freshet.schemas.DuplicateMethod;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class ScreenFunctionTest {
  private final Random random = new Random(21);

  @Test
  void remembersAcrossARestore() throws Exception {
    BitCode hash = Codes.random(random);
    OperatorSubtaskState snapshot;
    try (var harness = open(null)) {
      harness.processElement(new StreamRecord<>(request(1, imageId(1), hash, 90)));
      assertEquals(1, harness.extractOutputValues().size());
      snapshot = harness.snapshot(1, 1);
      harness.processElement(new StreamRecord<>(request(2, imageId(2), Codes.random(random), 90)));
    }
    try (var harness = open(snapshot)) {
      BitCode near = Codes.flipEvenly(hash, 31, random);
      harness.processElement(new StreamRecord<>(request(3, imageId(1), hash, 90)));
      harness.processElement(new StreamRecord<>(request(4, imageId(3), near, 90)));
      harness.processElement(new StreamRecord<>(request(2, imageId(2), Codes.random(random), 90)));
      var copies = harness.getSideOutput(ScreenFunction.COPIES);
      assertEquals(2, copies.size());
      Copy exact = copies.remove().getValue();
      Copy byHash = copies.remove().getValue();
      assertEquals(DuplicateMethod.EXACT, exact.method());
      assertEquals(imageId(1), exact.of());
      assertEquals(DuplicateMethod.HASH, byHash.method());
      assertEquals(imageId(1), byHash.of());
      assertEquals(31, byHash.score());
      assertEquals(1, harness.extractOutputValues().size(), "what came after the snapshot is new");
    }
  }

  /** A guard against a step that scans: 500 images/s are promised on one core, state on disk. */
  @Test
  void screensManyImagesASecond() throws Exception {
    try (var harness = open(null)) {
      int images = 3000;
      long start = CpuTime.ofThisThreadNanos();
      for (int i = 0; i < images; i++) {
        harness.processElement(
            new StreamRecord<>(request(i, imageId(i), Codes.random(random), 90)));
      }
      double perSecond = images / ((CpuTime.ofThisThreadNanos() - start) / 1e9);
      System.out.printf("screen: %.0f fresh images per CPU second%n", perSecond);
      assertTrue(perSecond > 150, "%.0f images per CPU second".formatted(perSecond));
    }
  }

  private static KeyedOneInputStreamOperatorTestHarness<Integer, Request, Request> open(
      OperatorSubtaskState state) throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<Integer, Request, Request>(
            new KeyedProcessOperator<>(new ScreenFunction(new DedupConfig.Hash(31, 50))),
            request -> 0,
            Types.INT,
            TaskMemory.slot());
    harness.setStateBackend(new EmbeddedRocksDBStateBackend(true));
    harness.setup(
        StreamTypes.REQUEST.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }
}
