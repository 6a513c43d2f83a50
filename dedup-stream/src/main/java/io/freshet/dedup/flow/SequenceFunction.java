package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Fanout;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.similarity.Background;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.TorchBackgroundSearch;
import io.freshet.dedup.similarity.TorchFounderSearch;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Fanout} in one task, all under the key {@link #KEY}, which is what puts the visits of all
 * images in one order: visits to the vector cells are its output, those to the hash rows leave by
 * {@link #TO_ROWS}. Images come in batches, benchmarks are the second input.
 */
public final class SequenceFunction
    extends KeyedCoProcessFunction<
        Integer, List<Embedded>, Either<Embedded, Unreadable>, VectorVisit> {
  public static final OutputTag<HashVisit> TO_ROWS =
      new OutputTag<>("to-rows", StreamTypes.HASH_VISIT);

  /** Of all images and all benchmarks. */
  public static final int KEY = 0;

  private static final Logger LOG = LoggerFactory.getLogger(SequenceFunction.class);
  private static final long serialVersionUID = 3;

  /** Images that are known to be no copies. */
  @FunctionalInterface
  public interface Known extends Predicate<Embedded>, Serializable {}

  private final DedupConfig config;
  private final Known known;
  private transient CellRouter router;
  private transient Optional<Background> background;
  private transient Fanout fanout;
  private transient Counter unreadableBenchmarks;

  public SequenceFunction(DedupConfig config) {
    this(config, image -> false);
  }

  /**
   * @param known are filed for later ones to find, but ask for no copies: loads a collection at the
   *     speed of storing it
   */
  public SequenceFunction(DedupConfig config, Known known) {
    this.config = config;
    this.known = known;
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    router =
        new CellRouter(
            KeyedTable.open(
                runtime,
                "founders",
                Types.INT,
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO),
            KeyedTable.open(runtime, "arrivals", Types.INT, Types.INT),
            config.embedding().cellSettings(),
            TorchFounderSearch.open());
    MetricGroup metrics = runtime.getMetricGroup().addGroup("dedup");
    background = openBackground(metrics);
    fanout = new Fanout(router, background, config.hash().minQuality());
    unreadableBenchmarks = metrics.counter("unreadable_benchmarks");
    metrics.gauge("cells", router::cells);
  }

  private Optional<Background> openBackground(MetricGroup metrics) {
    DedupConfig.Embedding embedding = config.embedding();
    if (!embedding.normalisation().isOn()) {
      return Optional.empty();
    }
    Background opened =
        new Background(
            KeyedTable.open(
                getRuntimeContext(),
                "background",
                Types.INT,
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO),
            embedding.normalisation(),
            embedding.threshold(),
            TorchBackgroundSearch.open());
    metrics.gauge("background_images", opened::images);
    metrics.gauge("background_renewals", opened::renewals);
    metrics.gauge("background_usual_cosine", opened::usual);
    return Optional.of(opened);
  }

  @Override
  public void close() {
    if (router != null) {
      router.close();
    }
    if (background != null) {
      background.ifPresent(Background::close);
    }
  }

  @Override
  public void processElement1(
      List<Embedded> images, Context context, Collector<VectorVisit> toCells) {
    fanout.visits(images, known).forEach(visits -> emit(visits, context, toCells));
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
