package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.retire.Retirement;
import io.freshet.dedup.state.Retention;
import io.freshet.platform.flink.PartKeys;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/**
 * {@link Retirement} keyed by part of the images, with {@link #keyOf}. Requests pass; among them go
 * the ids that are forgotten, so that both keep their order to where requests are told apart.
 */
public final class RetirementFunction
    extends BarrierFunction<Integer, Request, Either<Request, String>> {
  private static final long serialVersionUID = 1;

  /** State lies under their keys, so their number must never change. */
  private static final int PARTS = 64;

  private static final PartKeys KEYS = PartKeys.of(PARTS);

  private final Retention retention;

  private transient Retirement retirement;
  private transient Counter forgotten;

  public RetirementFunction(DedupConfig config) {
    this.retention = config.retention().shareOf(PARTS);
  }

  /** The key under which the image's part lies. */
  public static int keyOf(Request request) {
    return KEYS.keyOf(request.imageId());
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    forgotten = runtime.getMetricGroup().addGroup("dedup").counter("forgotten_ids");
    retirement =
        new Retirement(
            KeyedTable.open(runtime, "last-requested", Types.STRING, Types.LONG),
            KeyedTable.open(runtime, "turns", Types.INT, Types.STRING),
            retention,
            barriers());
  }

  @Override
  public void processElement(
      Request request, Context context, Collector<Either<Request, String>> out) {
    Instant ingested = request.image().getIngestedAt();
    out.collect(Either.Left(request));
    for (String imageId :
        retirement.accept(request.imageId(), ChronoUnit.MICROS.between(Instant.EPOCH, ingested))) {
      forgotten.inc();
      out.collect(Either.Right(imageId));
    }
  }
}
