package io.freshet.sink.tally;

import io.freshet.schemas.TrainingStep;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The newest steps of the trainer, and their curves. Owned by one thread. */
final class TrainingTally {
  private static final int WINDOW = 20;

  private final TrainingCurve curve = new TrainingCurve();
  private final Deque<TrainingStep> last = new ArrayDeque<>();
  private final Map<String, Double> collapse = new TreeMap<>();
  private long skipped;

  void add(TrainingStep step) {
    TrainingStep before = last.peekLast();
    if (before != null && !before.getRunId().equals(step.getRunId())) {
      curve.clear();
      last.clear();
      collapse.clear();
      skipped = 0;
    }
    if (step.getSkipped()) {
      skipped++;
    }
    collapse.putAll(step.getCollapse());
    curve.add(step.getStep(), values(step));
    last.addLast(step);
    if (last.size() > WINDOW) {
      last.removeFirst();
    }
  }

  /** By dotted names: {@code loss.ibot}, {@code grad_norm.backbone}, {@code collapse.rankme}. */
  private static Map<String, Double> values(TrainingStep step) {
    Map<String, Double> values = new HashMap<>();
    step.getLosses().forEach((name, value) -> values.put("loss." + name, value));
    step.getGradNorm().forEach((name, value) -> values.put("grad_norm." + name, value));
    step.getCollapse().forEach((name, value) -> values.put("collapse." + name, value));
    values.put("lr", step.getLr());
    values.put("weight_decay", step.getWeightDecay());
    values.put("momentum", step.getMomentum());
    values.put("teacher_temp", step.getTeacherTemp());
    if (step.getMillis() > 0) {
      values.put("data_wait_share", step.getDataWaitMillis() / step.getMillis());
      values.put("step_s", step.getMillis() / 1000);
    }
    return values;
  }

  CurveColumns curve() {
    return curve.columns();
  }

  Overview.Training snapshot() {
    TrainingStep newest = last.peekLast();
    if (newest == null) {
      return new Overview.Training(null, 0, 0, 0, null, null, null, 0, 0, Map.of());
    }
    double millis = last.stream().mapToDouble(TrainingStep::getMillis).sum();
    double waited = last.stream().mapToDouble(TrainingStep::getDataWaitMillis).sum();
    TrainingStep first = last.peekFirst();
    double seconds = (millis - first.getMillis()) / 1000;
    long images = newest.getImagesSeen() - first.getImagesSeen();
    return new Overview.Training(
        newest.getRunId(),
        newest.getStep(),
        newest.getImagesSeen(),
        seconds > 0 ? images / seconds : 0,
        newest.getLosses().get("total"),
        newest.getLr(),
        newest.getGradNorm().get("backbone"),
        millis > 0 ? waited / millis : 0,
        skipped,
        Map.copyOf(collapse));
  }
}
