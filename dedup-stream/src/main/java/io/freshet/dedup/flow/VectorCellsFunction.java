package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.VectorCells;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.dedup.state.ImageIds;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** {@link VectorCells} keyed by shard. */
public final class VectorCellsFunction extends KeyedProcessFunction<Integer, VectorVisit, Answer> {
  private static final long serialVersionUID = 1;

  private final DedupConfig.Embedding config;
  private transient VectorCells cells;

  public VectorCellsFunction(DedupConfig.Embedding config) {
    this.config = config;
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    var block = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    cells =
        new VectorCells(
            new VectorIndex(
                KeyedTable.open(runtime, "sketch-blocks", Types.LONG, block),
                KeyedTable.open(runtime, "vectors", Types.INT, block),
                new ImageIds(KeyedTable.open(runtime, "image-ids", Types.INT, Types.STRING)),
                config.layout()),
            config.threshold(),
            config.benchmarkThreshold());
  }

  @Override
  public void processElement(VectorVisit visit, Context context, Collector<Answer> answers) {
    answers.collect(cells.accept(visit));
  }
}
