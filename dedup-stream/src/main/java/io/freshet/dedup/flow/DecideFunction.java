package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.decide.DecisionState;
import io.freshet.dedup.decide.Decisions;
import io.freshet.dedup.decide.Outcome;
import io.freshet.dedup.decide.Outcome.Duplicate;
import io.freshet.dedup.decide.Outcome.Refused;
import io.freshet.dedup.decide.Outcome.Unique;
import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.dedup.state.ImageIds;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.UniqueImage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * {@link Decisions} over keyed state, all under one key: unique images are its output, duplicates,
 * refusals and retractions leave by {@link #DUPLICATES}, {@link #REFUSALS} and {@link
 * #RETRACTIONS}.
 */
public final class DecideFunction
    extends KeyedCoProcessFunction<Integer, Copy, Either<Embedded, Unreadable>, UniqueImage> {
  public static final OutputTag<DuplicateImage> DUPLICATES =
      new OutputTag<>("duplicates", JobContext.avro(DuplicateImage.class));
  public static final OutputTag<RejectedImage> REFUSALS =
      new OutputTag<>("refusals", JobContext.avro(RejectedImage.class));
  public static final OutputTag<RetractedImage> RETRACTIONS =
      new OutputTag<>("retractions", JobContext.avro(RetractedImage.class));
  private static final long serialVersionUID = 1;
  private static final TypeInformation<byte[]> BLOCK =
      PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;

  private final DedupConfig config;
  private final EmbedderSource lateEmbedderSource;
  private final Clock clock;

  private transient Decisions decisions;
  private transient List<Outcome> outcomes;
  private transient List<Verdict.Retracted> retractions;
  private transient CopyEmbedder lateEmbedder;
  private transient MetricGroup metrics;
  private transient Map<String, Counter> counters;

  /**
   * @param lateEmbedderSource opened the first time that a copy must stand in for an unreadable
   *     original
   */
  public DecideFunction(DedupConfig config, EmbedderSource lateEmbedderSource, Clock clock) {
    this.config = config;
    this.lateEmbedderSource = lateEmbedderSource;
    this.clock = clock;
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    metrics = runtime.getMetricGroup().addGroup("dedup");
    counters = new HashMap<>();
    outcomes = new ArrayList<>();
    retractions = new ArrayList<>();
    VectorIndex vectors =
        new VectorIndex(
            KeyedTable.open(runtime, "sketch-blocks", Types.LONG, BLOCK),
            KeyedTable.open(runtime, "vectors", Types.INT, BLOCK),
            config.embedding().threshold(),
            config.embedding().cellBits(),
            config.embedding().probeBits());
    DecisionState state =
        new DecisionState(
            KeyedTable.open(runtime, "components", Types.STRING, StreamTypes.COMPONENT_NODE),
            KeyedTable.open(runtime, "undecided", Types.STRING, StreamTypes.EVIDENCE),
            KeyedTable.open(runtime, "lost", Types.STRING, Types.BOOLEAN),
            KeyedTable.open(runtime, "waiting-copies", Types.STRING, Types.LIST(StreamTypes.COPY)),
            vectors,
            new HashIndex(
                KeyedTable.open(runtime, "pixel-hash-buckets", Types.LONG, BLOCK),
                config.hash().maxDistance()),
            new ImageIds(KeyedTable.open(runtime, "embedded-image-ids", Types.INT, Types.STRING)));
    decisions =
        new Decisions(state, config.thresholds(), this::embedLate, outcomes::add, retractions::add);
  }

  @Override
  public void processElement1(Copy copy, Context context, Collector<UniqueImage> unique) {
    decisions.accept(copy);
    emit(context, unique);
  }

  @Override
  public void processElement2(
      Either<Embedded, Unreadable> embedding, Context context, Collector<UniqueImage> unique) {
    decisions.accept(StreamTypes.fromEither(embedding));
    emit(context, unique);
  }

  @Override
  public void close() {
    if (lateEmbedder != null) {
      lateEmbedder.close();
    }
  }

  private void emit(Context context, Collector<UniqueImage> unique) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Unique first) {
        count("unique");
        unique.collect(OutcomeRecords.unique(first, clock.instant()));
      } else if (outcome instanceof Duplicate duplicate) {
        count("duplicate_" + duplicate.method().name().toLowerCase(Locale.ROOT));
        context.output(DUPLICATES, OutcomeRecords.duplicate(duplicate, clock.instant()));
      } else if (outcome instanceof Refused refused) {
        count("refused");
        context.output(REFUSALS, OutcomeRecords.rejected(refused, clock.instant()));
      }
    }
    outcomes.clear();
    for (Verdict.Retracted retracted : retractions) {
      count("retracted");
      context.output(RETRACTIONS, OutcomeRecords.retracted(retracted, clock.instant()));
    }
    retractions.clear();
  }

  private void count(String outcome) {
    counters.computeIfAbsent(outcome, metrics::counter).inc();
  }

  private Embedding embedLate(Request request) {
    if (lateEmbedder == null) {
      lateEmbedder = lateEmbedderSource.open();
    }
    return lateEmbedder.embed(List.of(request)).get(0);
  }
}
