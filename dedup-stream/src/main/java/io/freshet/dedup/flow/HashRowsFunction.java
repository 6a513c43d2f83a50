package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.HashRows;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.hash.HashRow;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Retention;
import io.freshet.dedup.state.Table;
import io.freshet.platform.flink.PartKeys;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** {@link HashRows} keyed by row, with {@link #keyOf}. */
public final class HashRowsFunction extends KeyedProcessFunction<Integer, HashVisit, Answer> {
  private static final long serialVersionUID = 2;

  private static final PartKeys KEYS = PartKeys.of(HashRow.ROWS);

  private final int maxDistance;
  private final Retention retention;
  private transient Table<Long, byte[]> blocks;
  private transient ImageIds imageIds;
  private transient Counter forgotten;

  public HashRowsFunction(DedupConfig config) {
    this.maxDistance = config.hash().maxDistance();
    this.retention = config.retention();
  }

  /** The key under which the visit's row lies. */
  public static int keyOf(HashVisit visit) {
    return KEYS.key(visit.row());
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    blocks =
        KeyedTable.open(
            runtime,
            "hash-blocks",
            Types.LONG,
            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    imageIds =
        new ImageIds(KeyedTable.open(runtime, "image-ids", Types.INT, Types.STRING), retention);
    forgotten = runtime.getMetricGroup().addGroup("dedup").counter("forgotten_hashes");
  }

  @Override
  public void processElement(HashVisit visit, Context context, Collector<Answer> answers) {
    HashRow row = new HashRow(visit.row(), blocks, imageIds, maxDistance);
    answers.collect(new HashRows(row, forgotten::inc).accept(visit));
  }
}
