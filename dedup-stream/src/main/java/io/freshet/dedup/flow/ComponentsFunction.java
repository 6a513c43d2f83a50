package io.freshet.dedup.flow;

import io.freshet.dedup.component.ComponentTracker;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.judge.Judge;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** {@link Judge} and {@link ComponentTracker} over keyed state, all under one key. */
public final class ComponentsFunction extends KeyedProcessFunction<Integer, Gathered, Verdict> {
  private static final long serialVersionUID = 1;

  private transient Judge judge;
  private transient List<Verdict> verdicts;

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    verdicts = new ArrayList<>();
    judge =
        new Judge(
            new ComponentTracker(
                KeyedTable.open(runtime, "nodes", Types.STRING, StreamTypes.COMPONENT_NODE),
                KeyedTable.open(runtime, "undecided", Types.STRING, StreamTypes.EVIDENCE),
                verdicts::add));
  }

  @Override
  public void processElement(Gathered image, Context context, Collector<Verdict> out) {
    judge.accept(image);
    verdicts.forEach(out::collect);
    verdicts.clear();
  }
}
