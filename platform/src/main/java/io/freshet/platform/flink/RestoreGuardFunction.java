package io.freshet.platform.flink;

import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Stands before every sink and keeps in the checkpoint since when its transactions are open. On
 * each restore, after a crash of the process or of a task, it lets {@link RestoreGuard} judge; a
 * refusal fails the job for good.
 *
 * <p>A transaction begins at one checkpoint, is prepared at the next and committed when that is
 * complete; when a checkpoint fails, its transactions wait for a later one.
 */
final class RestoreGuardFunction<T> extends ProcessFunction<T, T>
    implements CheckpointedFunction, CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final ListStateDescriptor<Long> OPEN_SINCE_MILLIS =
      new ListStateDescriptor<>("open-since-millis", Types.LONG);

  private final String job;
  private final RestoreGuard guard;
  private transient ListState<Long> openSince;
  private transient NavigableMap<Long, Long> preparedSince;
  private transient long begunMillis;

  RestoreGuardFunction(String job, RestoreGuard guard) {
    this.job = job;
    this.guard = guard;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    openSince = context.getOperatorStateStore().getListState(OPEN_SINCE_MILLIS);
    preparedSince = new TreeMap<>();
    if (context.isRestored()) {
      long id = context.getRestoredCheckpointId().orElse(-1);
      for (long millis : openSince.get()) {
        refuseStale(id, Instant.ofEpochMilli(millis));
      }
    }
  }

  private void refuseStale(long checkpointId, Instant since) {
    try {
      guard.require(job, checkpointId, since);
    } catch (StaleCheckpointException e) {
      throw new SuppressRestartsException(e);
    }
  }

  @Override
  public void open(OpenContext context) {
    begunMillis = guard.clock().millis();
  }

  @Override
  public void processElement(T element, Context context, Collector<T> out) {
    out.collect(element);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    preparedSince.put(context.getCheckpointId(), begunMillis);
    begunMillis = guard.clock().millis();
    openSince.update(List.of(preparedSince.firstEntry().getValue()));
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    preparedSince.headMap(checkpointId, true).clear();
  }
}
