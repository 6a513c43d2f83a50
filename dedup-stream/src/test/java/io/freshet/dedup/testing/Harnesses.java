package io.freshet.dedup.testing;

import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** Keyed functions in a task with state on disk, fresh or from a snapshot. The caller closes it. */
public final class Harnesses {
  private Harnesses() {}

  public static <K, I, O> KeyedOneInputStreamOperatorTestHarness<K, I, O> open(
      KeyedProcessFunction<K, I, O> function,
      KeySelector<I, K> key,
      TypeInformation<K> keyType,
      TypeInformation<O> output,
      Optional<OperatorSubtaskState> snapshot)
      throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<K, I, O>(
            new KeyedProcessOperator<>(function), key, keyType, TaskMemory.slot());
    start(harness, output, snapshot);
    return harness;
  }

  public static <K, A, B, O> KeyedTwoInputStreamOperatorTestHarness<K, A, B, O> open(
      KeyedCoProcessFunction<K, A, B, O> function,
      KeySelector<A, K> key,
      KeySelector<B, K> otherKey,
      TypeInformation<K> keyType,
      TypeInformation<O> output,
      Optional<OperatorSubtaskState> snapshot)
      throws Exception {
    var harness =
        new KeyedTwoInputStreamOperatorTestHarness<K, A, B, O>(
            new KeyedCoProcessOperator<>(function), key, otherKey, keyType);
    start(harness, output, snapshot);
    return harness;
  }

  private static <O> void start(
      AbstractStreamOperatorTestHarness<O> harness,
      TypeInformation<O> output,
      Optional<OperatorSubtaskState> snapshot)
      throws Exception {
    harness.setStateBackend(new EmbeddedRocksDBStateBackend(true));
    harness.setup(output.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (snapshot.isPresent()) {
      harness.setRestoredCheckpointId(1);
      harness.initializeState(snapshot.get());
    }
    harness.open();
  }
}
