package io.freshet.dedup.flow;

import io.freshet.dedup.admit.Admission;
import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.RejectedImage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * {@link Admission} keyed by image: what passes is an image that was read, a further request for
 * one, or an id that is forgotten; refusals leave by {@link #REFUSALS}.
 */
public final class AdmitFunction
    extends KeyedCoProcessFunction<
        String,
        Either<Request, String>,
        Either<Embedded, Unreadable>,
        Either<Embedded, Either<Request, String>>> {
  public static final OutputTag<RejectedImage> REFUSALS =
      new OutputTag<>("refusals", JobContext.avro(RejectedImage.class));
  private static final long serialVersionUID = 1;

  private final EmbedderSource lateEmbedderSource;
  private final Clock clock;

  private transient Admission admission;
  private transient Departures departures;
  private transient CopyEmbedder lateEmbedder;
  private transient Counter refused;

  /**
   * @param lateEmbedderSource opened the first time that a copy must stand in for an unreadable
   *     first request
   */
  public AdmitFunction(EmbedderSource lateEmbedderSource, Clock clock) {
    this.lateEmbedderSource = lateEmbedderSource;
    this.clock = clock;
  }

  /** What leaves in the call at hand. */
  private static final class Departures implements Admission.Sink {
    final List<Either<Embedded, Either<Request, String>>> passed = new ArrayList<>();
    final List<Unreadable> refused = new ArrayList<>();

    @Override
    public void admitted(Embedded embedded) {
      passed.add(Either.Left(embedded));
    }

    @Override
    public void copy(Request request) {
      passed.add(Either.Right(Either.Left(request)));
    }

    @Override
    public void refused(Unreadable unreadable) {
      refused.add(unreadable);
    }

    @Override
    public void forgotten(String imageId) {
      passed.add(Either.Right(Either.Right(imageId)));
    }
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    departures = new Departures();
    refused = runtime.getMetricGroup().addGroup("dedup").counter("refused");
    admission =
        new Admission(
            KeyedTable.open(runtime, "readable", Types.STRING, Types.BOOLEAN),
            KeyedTable.open(runtime, "renewed", Types.STRING, Types.BOOLEAN),
            KeyedTable.open(
                runtime, "waiting-copies", Types.STRING, Types.LIST(StreamTypes.REQUEST)),
            this::embedLate,
            departures);
  }

  @Override
  public void processElement1(
      Either<Request, String> copy,
      Context context,
      Collector<Either<Embedded, Either<Request, String>>> out) {
    if (copy.isLeft()) {
      admission.accept(copy.left());
    } else {
      admission.forget(copy.right());
    }
    emit(context, out);
  }

  @Override
  public void processElement2(
      Either<Embedded, Unreadable> embedding,
      Context context,
      Collector<Either<Embedded, Either<Request, String>>> out) {
    admission.accept(StreamTypes.fromEither(embedding));
    emit(context, out);
  }

  @Override
  public void close() {
    if (lateEmbedder != null) {
      lateEmbedder.close();
    }
  }

  private void emit(Context context, Collector<Either<Embedded, Either<Request, String>>> out) {
    departures.passed.forEach(out::collect);
    departures.passed.clear();
    for (Unreadable unreadable : departures.refused) {
      refused.inc();
      context.output(REFUSALS, OutcomeRecords.rejected(unreadable, clock.instant()));
    }
    departures.refused.clear();
  }

  private Embedding embedLate(Request request) {
    if (lateEmbedder == null) {
      lateEmbedder = lateEmbedderSource.open();
    }
    return lateEmbedder.embed(List.of(request)).get(0);
  }
}
