package io.freshet.dedup.flow;

import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.EmbedderChangedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.Either;

/**
 * Embeds requests in micro-batches: a batch goes when it is full, when its oldest request has
 * waited for {@code linger}, and before each checkpoint barrier, so nothing is buffered across a
 * checkpoint.
 *
 * <p>The embedder's space is part of the checkpoint. A restore with another embedder fails the job
 * with {@link EmbedderChangedException} before any image is read.
 */
public final class EmbedOperator extends AbstractStreamOperator<Either<Embedded, Unreadable>>
    implements OneInputStreamOperator<Request, Either<Embedded, Unreadable>>, BoundedOneInput {
  private static final long serialVersionUID = 1;

  private final EmbedderSource source;
  private final int batch;
  private final Duration linger;

  private transient CopyEmbedder embedder;
  private transient ListState<String> pinnedSpace;
  private transient List<Request> waiting;
  private transient ScheduledFuture<?> lingerTimer;

  /**
   * @param batch most images to pass to the embedder at once
   * @param linger longest time that a request waits for others
   */
  public EmbedOperator(EmbedderSource source, int batch, Duration linger) {
    if (batch < 1) {
      throw new IllegalArgumentException("a batch of %d images; at least 1".formatted(batch));
    }
    this.source = source;
    this.batch = batch;
    this.linger = linger;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    embedder = source.open();
    pinnedSpace =
        context
            .getOperatorStateStore()
            .getUnionListState(new ListStateDescriptor<>("pinned-space", Types.STRING));
    for (String pinned : pinnedSpace.get()) {
      EmbedderChangedException.requireSame(pinned, embedder.spaceId());
    }
    waiting = new ArrayList<>(batch);
  }

  @Override
  public void processElement(StreamRecord<Request> element) {
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
  public void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
  }

  @Override
  public void endInput() {
    flush();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    pinnedSpace.update(List.of(embedder.spaceId()));
  }

  @Override
  public void close() throws Exception {
    if (embedder != null) {
      embedder.close();
    }
    super.close();
  }

  private void flush() {
    if (lingerTimer != null) {
      lingerTimer.cancel(false);
      lingerTimer = null;
    }
    if (waiting.isEmpty()) {
      return;
    }
    List<Request> requests = List.copyOf(waiting);
    waiting.clear();
    for (Embedding embedding : embedder.embed(requests)) {
      output.collect(new StreamRecord<>(StreamTypes.toEither(embedding)));
    }
  }
}
