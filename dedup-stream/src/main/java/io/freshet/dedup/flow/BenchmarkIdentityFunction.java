package io.freshet.dedup.flow;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/**
 * Keyed by image: a benchmark image passes once, the first time that it could be read. One that
 * couldn't passes each time, to be counted and named, and can be registered again.
 */
public final class BenchmarkIdentityFunction
    extends KeyedProcessFunction<
        String, Either<Embedded, Unreadable>, Either<Embedded, Unreadable>> {
  private static final long serialVersionUID = 1;

  private transient ValueState<Boolean> seen;

  @Override
  public void open(OpenContext context) {
    seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.BOOLEAN));
  }

  @Override
  public void processElement(
      Either<Embedded, Unreadable> benchmark,
      Context context,
      Collector<Either<Embedded, Unreadable>> out)
      throws Exception {
    if (benchmark.isRight()) {
      out.collect(benchmark);
    } else if (seen.value() == null) {
      seen.update(true);
      out.collect(benchmark);
    }
  }
}
