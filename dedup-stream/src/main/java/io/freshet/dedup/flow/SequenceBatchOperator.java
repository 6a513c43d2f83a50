package io.freshet.dedup.flow;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import io.freshet.platform.flink.MicroBatchOperator;
import java.time.Duration;
import java.util.List;
import org.apache.flink.types.Either;

/**
 * Puts images together that pass the sequence at once, since they are routed much faster so.
 * Further requests for an image that passed, and ids that are forgotten, are left out: they visit
 * nothing.
 */
public final class SequenceBatchOperator
    extends MicroBatchOperator<Either<Embedded, Either<Request, String>>, List<Embedded>> {
  private static final long serialVersionUID = 1;

  private static final int MOST_IMAGES = 64;
  private static final Duration LINGER = Duration.ofMillis(20);

  public SequenceBatchOperator() {
    super(MOST_IMAGES, LINGER);
  }

  @Override
  protected void process(List<Either<Embedded, Either<Request, String>>> admitted) {
    List<Embedded> images = admitted.stream().filter(Either::isLeft).map(Either::left).toList();
    if (!images.isEmpty()) {
      emit(images);
    }
  }
}
