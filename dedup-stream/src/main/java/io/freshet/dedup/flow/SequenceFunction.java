package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Fanout;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.CoProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Fanout} in one task, which is what puts the visits of all images in one order: visits to
 * the vector cells are its output, those to the hash rows leave by {@link #TO_ROWS}. Further
 * requests for an image that passed visit nothing. Benchmarks are the second input.
 */
public final class SequenceFunction
    extends CoProcessFunction<
        Either<Embedded, Request>, Either<Embedded, Unreadable>, VectorVisit> {
  public static final OutputTag<HashVisit> TO_ROWS =
      new OutputTag<>("to-rows", StreamTypes.HASH_VISIT);
  private static final Logger LOG = LoggerFactory.getLogger(SequenceFunction.class);
  private static final long serialVersionUID = 1;

  private final DedupConfig config;
  private transient Fanout fanout;
  private transient Counter unreadableBenchmarks;

  public SequenceFunction(DedupConfig config) {
    this.config = config;
  }

  @Override
  public void open(OpenContext context) {
    fanout = new Fanout(config.embedding().layout(), config.hash().minQuality());
    unreadableBenchmarks =
        getRuntimeContext().getMetricGroup().addGroup("dedup").counter("unreadable_benchmarks");
  }

  @Override
  public void processElement1(
      Either<Embedded, Request> admitted, Context context, Collector<VectorVisit> toCells) {
    if (admitted.isLeft()) {
      emit(fanout.visits(admitted.left()), context, toCells);
    }
  }

  @Override
  public void processElement2(
      Either<Embedded, Unreadable> benchmark, Context context, Collector<VectorVisit> toCells) {
    if (benchmark.isLeft()) {
      emit(fanout.benchmarkVisits(benchmark.left()), context, toCells);
    } else {
      Unreadable unreadable = benchmark.right();
      unreadableBenchmarks.inc();
      LOG.error(
          "{} can't be read, so images near to it are let through: {}",
          unreadable.request().imageId(),
          unreadable.detail());
    }
  }

  private static void emit(Fanout.Visits visits, Context context, Collector<VectorVisit> toCells) {
    visits.toCells().forEach(toCells::collect);
    visits.toRows().forEach(visit -> context.output(TO_ROWS, visit));
  }
}
