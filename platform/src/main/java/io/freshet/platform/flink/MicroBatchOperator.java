package io.freshet.platform.flink;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Works on elements in micro-batches: one goes when it is full, when its oldest element has waited
 * for the linger time, and before each checkpoint barrier, so nothing is buffered across a
 * checkpoint. Owned by the task thread.
 */
public abstract class MicroBatchOperator<I, O> extends AbstractStreamOperator<O>
    implements OneInputStreamOperator<I, O>, BoundedOneInput {
  private static final long serialVersionUID = 1L;

  private final int batch;
  private final Duration linger;

  private transient List<I> waiting;
  private transient ScheduledFuture<?> lingerTimer;

  /**
   * @param batch most elements of a batch
   * @param linger longest time that an element waits for others
   */
  protected MicroBatchOperator(int batch, Duration linger) {
    if (batch < 1) {
      throw new IllegalArgumentException("a batch of %d images; at least 1".formatted(batch));
    }
    this.batch = batch;
    this.linger = linger;
  }

  /**
   * Works on a batch and hands on what comes of it.
   *
   * @param elements at least one, in the order in which they came; the callee's
   */
  protected abstract void process(List<I> elements);

  /** Hands an element on. */
  protected final void emit(O element) {
    output.collect(new StreamRecord<>(element));
  }

  @Override
  public void open() throws Exception {
    super.open();
    waiting = new ArrayList<>(batch);
  }

  @Override
  public final void processElement(StreamRecord<I> element) {
    waiting.add(element.getValue());
    if (waiting.size() >= batch) {
      flush();
    } else if (lingerTimer == null) {
      long now = getProcessingTimeService().getCurrentProcessingTime();
      lingerTimer =
          getProcessingTimeService().registerTimer(now + linger.toMillis(), at -> flush());
    }
  }

  @Override
  public final void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
  }

  @Override
  public final void endInput() {
    flush();
  }

  private void flush() {
    if (lingerTimer != null) {
      lingerTimer.cancel(false);
      lingerTimer = null;
    }
    if (waiting.isEmpty()) {
      return;
    }
    List<I> elements = waiting;
    waiting = new ArrayList<>(batch);
    process(elements);
  }
}
