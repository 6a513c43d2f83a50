package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Fanout;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.CellLayout;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * {@link Fanout} in one task, which is what puts the visits of all images in one order: visits to
 * the vector cells are its output, those to the hash rows leave by {@link #TO_ROWS}. Further
 * requests for an image that passed visit nothing.
 */
public final class SequenceFunction
    extends ProcessFunction<Either<Embedded, Request>, VectorVisit> {
  public static final OutputTag<HashVisit> TO_ROWS =
      new OutputTag<>("to-rows", StreamTypes.HASH_VISIT);
  private static final long serialVersionUID = 1;

  private final DedupConfig config;
  private transient Fanout fanout;

  public SequenceFunction(DedupConfig config) {
    this.config = config;
  }

  @Override
  public void open(OpenContext context) {
    CellLayout layout = config.embedding().layout();
    fanout = new Fanout(layout, config.hash().minQuality());
  }

  @Override
  public void processElement(
      Either<Embedded, Request> admitted, Context context, Collector<VectorVisit> toCells) {
    if (admitted.isLeft()) {
      Fanout.Visits visits = fanout.visits(admitted.left());
      visits.toCells().forEach(toCells::collect);
      visits.toRows().forEach(visit -> context.output(TO_ROWS, visit));
    }
  }
}
