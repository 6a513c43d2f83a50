package io.freshet.dedup.flow;

import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.HashRows;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.hash.HashRow;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Table;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** {@link HashRows} keyed by row. */
public final class HashRowsFunction extends KeyedProcessFunction<Integer, HashVisit, Answer> {
  private static final long serialVersionUID = 1;

  private final int maxDistance;
  private transient Table<Integer, byte[]> buckets;
  private transient ImageIds imageIds;

  /**
   * @param maxDistance bits, 0..31
   */
  public HashRowsFunction(int maxDistance) {
    this.maxDistance = maxDistance;
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    buckets =
        KeyedTable.open(
            runtime,
            "hash-buckets",
            Types.INT,
            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    imageIds = new ImageIds(KeyedTable.open(runtime, "image-ids", Types.INT, Types.STRING));
  }

  @Override
  public void processElement(HashVisit visit, Context context, Collector<Answer> answers) {
    HashRow row = new HashRow(visit.row(), buckets, imageIds, maxDistance);
    answers.collect(new HashRows(row).accept(visit));
  }
}
