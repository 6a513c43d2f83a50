package io.freshet.dedup.flow;

import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.ComponentTracker;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.judge.Judge;
import io.freshet.dedup.state.Buffered;
import io.freshet.dedup.state.StampedIds;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;

/** {@link Judge} and {@link ComponentTracker} over keyed state, all under one key. */
public final class ComponentsFunction extends BarrierFunction<Integer, Gathered, Verdict> {
  private static final long serialVersionUID = 1;

  private transient Buffered<String, ComponentNode> nodes;
  private transient Judge judge;
  private transient List<Verdict> verdicts;

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    Counter forgotten = runtime.getMetricGroup().addGroup("dedup").counter("forgotten_nodes");
    verdicts = new ArrayList<>();
    nodes =
        new Buffered<>(KeyedTable.open(runtime, "nodes", Types.STRING, StreamTypes.COMPONENT_NODE));
    judge =
        new Judge(
            new ComponentTracker(
                nodes,
                KeyedTable.open(runtime, "undecided", Types.STRING, StreamTypes.EVIDENCE),
                new StampedIds(KeyedTable.open(runtime, "unnamed", Types.LONG, Types.STRING)),
                barriers(),
                forgotten::inc,
                verdicts::add));
  }

  @Override
  public void processElement(Gathered image, Context context, Collector<Verdict> out) {
    judge.accept(image);
    nodes.flush();
    verdicts.forEach(out::collect);
    verdicts.clear();
  }
}
