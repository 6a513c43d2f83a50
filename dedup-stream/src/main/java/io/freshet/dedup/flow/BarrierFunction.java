package io.freshet.dedup.flow;

import io.freshet.dedup.state.Barriers;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/** Keeps {@link Barriers} of its task, which are there when it is opened. */
abstract class BarrierFunction<K, I, O> extends KeyedProcessFunction<K, I, O>
    implements CheckpointedFunction, CheckpointListener {
  private static final long serialVersionUID = 1;

  private transient Barriers barriers;

  final Barriers barriers() {
    return barriers;
  }

  @Override
  public final void initializeState(FunctionInitializationContext context) {
    barriers = new Barriers();
    context.getRestoredCheckpointId().ifPresent(barriers::restored);
  }

  @Override
  public final void snapshotState(FunctionSnapshotContext context) {
    barriers.passed(context.getCheckpointId());
  }

  @Override
  public final void notifyCheckpointComplete(long checkpointId) {
    barriers.completed(checkpointId);
  }
}
