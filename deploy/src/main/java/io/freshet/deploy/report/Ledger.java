package io.freshet.deploy.report;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The training steps as {@code training.step} has them, in order. */
final class Ledger {
  private static final int EDGE = 10;
  private static final int CURVE_POINTS = 400;

  private final List<TrainingStep> steps;

  private Ledger(List<TrainingStep> steps) {
    this.steps = steps;
  }

  /** After a crash a step may stand twice, for it was taken twice; the later one counts. */
  static Ledger read(KafkaConfig kafka) {
    Map<Long, TrainingStep> byStep = new TreeMap<>();
    new TopicReader<>(kafka, Topics.TRAINING_STEP)
        .stream()
            .sorted(Comparator.comparing(TrainingStep::getAt))
            .forEach(step -> byStep.put(step.getStep(), step));
    return new Ledger(List.copyOf(byStep.values()));
  }

  long steps() {
    return steps.isEmpty() ? 0 : last().getStep();
  }

  long imagesSeen() {
    return steps.isEmpty() ? 0 : last().getImagesSeen();
  }

  /** Median wall time of a step, milliseconds. */
  double stepMillis() {
    double[] sorted = steps.stream().mapToDouble(TrainingStep::getMillis).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }

  /** Mean total loss of the first ten steps; null without steps. */
  Double lossFirst() {
    return meanTotal(steps.subList(0, Math.min(EDGE, steps.size())));
  }

  /** Mean total loss of the last ten steps; null without steps. */
  Double lossLast() {
    return meanTotal(steps.subList(Math.max(0, steps.size() - EDGE), steps.size()));
  }

  ReportPage.Curves curves() {
    int stride = Math.max(1, steps.size() / CURVE_POINTS);
    List<TrainingStep> thinned =
        IntStream.range(0, steps.size()).filter(i -> i % stride == 0).mapToObj(steps::get).toList();
    return new ReportPage.Curves(
        thinned.stream().map(TrainingStep::getStep).toList(),
        column(thinned, step -> loss(step, "total")),
        column(thinned, step -> loss(step, "dino_local") + loss(step, "dino_global")),
        column(thinned, step -> loss(step, "ibot")));
  }

  private TrainingStep last() {
    return steps.get(steps.size() - 1);
  }

  private static List<Double> column(List<TrainingStep> steps, ToDoubleFunction<TrainingStep> of) {
    return steps.stream().mapToDouble(of).boxed().toList();
  }

  private static double loss(TrainingStep step, String term) {
    return step.getLosses().getOrDefault(term, 0.0);
  }

  private static Double meanTotal(List<TrainingStep> part) {
    return part.isEmpty()
        ? null
        : part.stream().mapToDouble(step -> loss(step, "total")).average().orElseThrow();
  }
}
