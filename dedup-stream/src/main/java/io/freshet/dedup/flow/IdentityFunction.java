package io.freshet.dedup.flow;

import io.freshet.dedup.request.Request;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Keyed by image: its first request goes on to be embedded, later ones leave by {@link #COPIES}
 * without a look at their pixels, and so does an id that is forgotten, behind them. The next
 * request of such an image is a first one.
 */
public final class IdentityFunction
    extends KeyedProcessFunction<String, Either<Request, String>, Request> {
  public static final OutputTag<Either<Request, String>> COPIES =
      new OutputTag<>("copies", StreamTypes.REQUESTED);

  private static final long serialVersionUID = 1;

  private transient ValueState<Boolean> seen;

  @Override
  public void open(OpenContext context) {
    seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.BOOLEAN));
  }

  @Override
  public void processElement(
      Either<Request, String> requested, Context context, Collector<Request> first)
      throws Exception {
    if (requested.isRight()) {
      seen.clear();
      context.output(COPIES, requested);
    } else if (seen.value() == null) {
      seen.update(true);
      first.collect(requested.left());
    } else {
      context.output(COPIES, requested);
    }
  }
}
