package io.freshet.dedup.flow;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.screen.Screened.Fresh;
import io.freshet.dedup.screen.Screening;
import io.freshet.dedup.state.ImageIds;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * {@link Screening} over keyed state, all under one key: fresh images go on to the embedder, copies
 * leave by {@link #COPIES}.
 */
public final class ScreenFunction extends KeyedProcessFunction<Integer, Request, Request> {
  public static final OutputTag<Copy> COPIES = new OutputTag<>("copies", StreamTypes.COPY);
  private static final long serialVersionUID = 1;

  private final DedupConfig.Hash config;
  private transient Screening screening;

  public ScreenFunction(DedupConfig.Hash config) {
    this.config = config;
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    var buckets =
        KeyedTable.<Long, byte[]>open(
            runtime,
            "hash-buckets",
            Types.LONG,
            PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    screening =
        new Screening(
            KeyedTable.open(runtime, "seen", Types.STRING, Types.BOOLEAN),
            new ImageIds(KeyedTable.open(runtime, "hash-image-ids", Types.INT, Types.STRING)),
            new HashIndex(buckets, config.maxDistance()),
            config.minQuality());
  }

  @Override
  public void processElement(Request request, Context context, Collector<Request> fresh) {
    Screened screened = screening.screen(request);
    if (screened instanceof Fresh) {
      fresh.collect(request);
    } else {
      context.output(COPIES, (Copy) screened);
    }
  }
}
