package io.freshet.dedup.flow;

import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.gather.Gathering;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** {@link Gathering} keyed by image. */
public final class GatherFunction extends KeyedProcessFunction<String, Answer, Gathered> {
  private static final long serialVersionUID = 1;

  private transient Gathering gathering;

  @Override
  public void open(OpenContext context) {
    gathering =
        new Gathering(
            KeyedTable.open(getRuntimeContext(), "partial", Types.STRING, StreamTypes.PARTIAL));
  }

  @Override
  public void processElement(Answer answer, Context context, Collector<Gathered> complete) {
    gathering.accept(answer).ifPresent(complete::collect);
  }
}
