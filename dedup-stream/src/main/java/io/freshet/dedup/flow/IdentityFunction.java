package io.freshet.dedup.flow;

import io.freshet.dedup.request.Request;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Keyed by image: its first request goes on to be embedded, later ones leave by {@link #COPIES}
 * without a look at their pixels.
 */
public final class IdentityFunction extends KeyedProcessFunction<String, Request, Request> {
  public static final OutputTag<Request> COPIES = new OutputTag<>("copies", StreamTypes.REQUEST);
  private static final long serialVersionUID = 1;

  private transient ValueState<Boolean> seen;

  @Override
  public void open(OpenContext context) {
    seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.BOOLEAN));
  }

  @Override
  public void processElement(Request request, Context context, Collector<Request> first)
      throws Exception {
    if (seen.value() == null) {
      seen.update(true);
      first.collect(request);
    } else {
      context.output(COPIES, request);
    }
  }
}
