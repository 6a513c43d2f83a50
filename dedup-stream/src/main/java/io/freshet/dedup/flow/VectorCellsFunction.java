package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.BenchmarkScans;
import io.freshet.dedup.candidate.VectorCells;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.similarity.CellRouter;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.dedup.similarity.VectorIndex.Layout;
import io.freshet.dedup.state.Retention;
import io.freshet.platform.flink.PartKeys;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * {@link VectorCells} keyed by shard, with {@link #keyOf}. A benchmark is compared with what a
 * shard holds in slices on a timer, between which visits pass: for half of the task's time at most.
 */
public final class VectorCellsFunction extends KeyedProcessFunction<Integer, VectorVisit, Answer> {
  private static final long serialVersionUID = 2;

  private static final PartKeys KEYS = PartKeys.of(CellRouter.SHARDS);

  /** Of a benchmark: some thousand codes, a few milliseconds. */
  private static final int CELLS_AT_ONCE = 32;

  private final DedupConfig.Embedding config;
  private final Retention retention;
  private transient VectorCells cells;

  public VectorCellsFunction(DedupConfig config) {
    this.config = config.embedding();
    this.retention = config.retention().shareOf(CellRouter.SHARDS);
  }

  /** The key under which the visit's shard lies. */
  public static int keyOf(VectorVisit visit) {
    return KEYS.key(visit.shard());
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    Counter forgotten = runtime.getMetricGroup().addGroup("dedup").counter("forgotten_vectors");
    cells =
        new VectorCells(
            index(
                "cell-blocks",
                "vectors",
                retention,
                config.normalisation().isOn() ? Layout.WITH_EXCESS : Layout.PLAIN),
            index("benchmark-blocks", "benchmark-vectors", Retention.ALL, Layout.PLAIN),
            new BenchmarkScans(
                KeyedTable.open(runtime, "scans", Types.INT, StreamTypes.BENCHMARK_SCAN),
                KeyedTable.open(runtime, "scan-numbers", Types.INT, Types.INT),
                CELLS_AT_ONCE),
            config.copyBound(),
            config.benchmarkThreshold(),
            forgotten::inc);
  }

  private VectorIndex index(String blocks, String vectors, Retention kept, Layout layout) {
    var runtime = getRuntimeContext();
    var bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    return new VectorIndex(
        KeyedTable.open(runtime, blocks, Types.LONG, bytes),
        KeyedTable.open(runtime, vectors, Types.INT, bytes),
        kept,
        layout);
  }

  @Override
  public void processElement(VectorVisit visit, Context context, Collector<Answer> answers) {
    boolean hadScans = visit.isOfBenchmark() && cells.isScanning();
    answers.collect(cells.accept(visit));
    if (visit.isOfBenchmark() && !hadScans) {
      scanAfter(0, context);
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Answer> answers) {
    long start = System.nanoTime();
    cells.scan().ifPresent(answers::collect);
    if (cells.isScanning()) {
      scanAfter((System.nanoTime() - start) / 1_000_000, context);
    }
  }

  private static void scanAfter(long millis, Context context) {
    var timers = context.timerService();
    timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 1 + millis);
  }
}
