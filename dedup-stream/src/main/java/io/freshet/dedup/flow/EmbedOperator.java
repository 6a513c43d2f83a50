package io.freshet.dedup.flow;

import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.EmbedderChangedException;
import io.freshet.platform.flink.MicroBatchOperator;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.types.Either;

/**
 * Embeds requests in micro-batches. The embedder's space is part of the checkpoint: a restore with
 * another embedder fails the job with {@link EmbedderChangedException} before any image is read.
 */
public final class EmbedOperator extends MicroBatchOperator<Request, Either<Embedded, Unreadable>> {
  private static final long serialVersionUID = 1;

  private final EmbedderSource source;

  private transient CopyEmbedder embedder;
  private transient ListState<String> pinnedSpace;

  /**
   * @param batch most images to pass to the embedder at once
   * @param linger longest time that a request waits for others
   */
  public EmbedOperator(EmbedderSource source, int batch, Duration linger) {
    super(batch, linger);
    this.source = source;
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

  @Override
  protected void process(List<Request> requests) {
    for (Embedding embedding : embedder.embed(requests)) {
      emit(StreamTypes.toEither(embedding));
    }
  }
}
