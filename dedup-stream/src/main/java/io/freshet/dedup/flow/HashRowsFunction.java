package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.HashRows;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.hash.RowPair;
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

/** {@link HashRows} keyed by pair of rows, with {@link #keyOf}. */
public final class HashRowsFunction extends KeyedProcessFunction<Integer, HashVisit, Answer> {
  private static final long serialVersionUID = 3;

  private static final PartKeys KEYS = PartKeys.of(RowPair.PAIRS);

  private final int maxDistance;
  private final Retention retention;
  private transient Table<Long, byte[]> blocks;
  private transient Table<Integer, byte[]> hashes;
  private transient ImageIds imageIds;
  private transient Counter forgotten;

  public HashRowsFunction(DedupConfig config) {
    this.maxDistance = config.hash().maxDistance();
    this.retention = config.retention();
  }

  /** The key under which the visit's pair of rows lies. */
  public static int keyOf(HashVisit visit) {
    return KEYS.key(visit.pair());
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    var bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    blocks = KeyedTable.open(runtime, "hash-blocks", Types.LONG, bytes);
    hashes = KeyedTable.open(runtime, "hashes", Types.INT, bytes);
    imageIds =
        new ImageIds(KeyedTable.open(runtime, "image-ids", Types.INT, Types.STRING), retention);
    forgotten = runtime.getMetricGroup().addGroup("dedup").counter("forgotten_hashes");
  }

  @Override
  public void processElement(HashVisit visit, Context context, Collector<Answer> answers) {
    RowPair rows = new RowPair(visit.pair(), blocks, hashes, imageIds, maxDistance);
    answers.collect(new HashRows(rows, forgotten::inc).accept(visit));
  }
}
