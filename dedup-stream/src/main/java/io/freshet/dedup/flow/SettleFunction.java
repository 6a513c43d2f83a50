package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.settle.Outcome;
import io.freshet.dedup.settle.Outcome.Duplicate;
import io.freshet.dedup.settle.Outcome.Unique;
import io.freshet.dedup.settle.Settlement;
import io.freshet.dedup.settle.Settlement.Bounds;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.UniqueImage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * {@link Settlement} keyed by image: unique images are its output, duplicates and retractions leave
 * by {@link #DUPLICATES} and {@link #RETRACTIONS}.
 */
public final class SettleFunction
    extends KeyedCoProcessFunction<
        String, Either<Embedded, Either<Request, String>>, Verdict, UniqueImage> {
  public static final OutputTag<DuplicateImage> DUPLICATES =
      new OutputTag<>("duplicates", JobContext.avro(DuplicateImage.class));
  public static final OutputTag<RetractedImage> RETRACTIONS =
      new OutputTag<>("retractions", JobContext.avro(RetractedImage.class));
  private static final long serialVersionUID = 1;

  private final DedupConfig config;
  private final Clock clock;

  private transient Bounds bounds;
  private transient Settlement settlement;
  private transient List<Outcome> outcomes;
  private transient List<Verdict> retractions;
  private transient MetricGroup metrics;
  private transient Map<String, Counter> counters;

  public SettleFunction(DedupConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    metrics = runtime.getMetricGroup().addGroup("dedup");
    counters = new HashMap<>();
    outcomes = new ArrayList<>();
    retractions = new ArrayList<>();
    bounds =
        new Bounds(
            config.hash().maxDistance(),
            config.embedding().threshold(),
            config.embedding().benchmarkThreshold());
    settlement =
        new Settlement(
            KeyedTable.open(runtime, "pending", Types.STRING, StreamTypes.EMBEDDED),
            KeyedTable.open(runtime, "copies", Types.STRING, Types.LIST(StreamTypes.REQUEST)),
            KeyedTable.open(runtime, "fates", Types.STRING, StreamTypes.FATE),
            KeyedTable.open(runtime, "renewed", Types.STRING, Types.BOOLEAN),
            bounds,
            outcomes::add,
            retractions::add);
  }

  @Override
  public void processElement1(
      Either<Embedded, Either<Request, String>> admitted,
      Context context,
      Collector<UniqueImage> unique) {
    if (admitted.isLeft()) {
      settlement.accept(admitted.left());
    } else if (admitted.right().isLeft()) {
      settlement.accept(admitted.right().left());
    } else {
      settlement.forget(admitted.right().right());
    }
    emit(context, unique);
  }

  @Override
  public void processElement2(Verdict verdict, Context context, Collector<UniqueImage> unique) {
    settlement.accept(verdict);
    emit(context, unique);
  }

  private void emit(Context context, Collector<UniqueImage> unique) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Unique first) {
        count("unique");
        unique.collect(OutcomeRecords.unique(first, clock.instant()));
      } else if (outcome instanceof Duplicate duplicate) {
        count("duplicate_" + duplicate.method().name().toLowerCase(Locale.ROOT));
        context.output(DUPLICATES, OutcomeRecords.duplicate(duplicate, clock.instant()));
      }
    }
    outcomes.clear();
    for (Verdict retracted : retractions) {
      count("retracted");
      context.output(RETRACTIONS, OutcomeRecords.retracted(retracted, bounds, clock.instant()));
    }
    retractions.clear();
  }

  private void count(String outcome) {
    counters.computeIfAbsent(outcome, metrics::counter).inc();
  }
}
