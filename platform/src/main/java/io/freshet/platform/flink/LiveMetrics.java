package io.freshet.platform.flink;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;

/** The metrics that exist in an embedded cluster, read when somebody asks. Thread-safe. */
final class LiveMetrics implements MetricReporter {
  private final Map<Metric, Place> metrics = new ConcurrentHashMap<>();

  /** Values of the metrics that match; gauges without a number are left out. */
  List<MetricSample> samples(Predicate<Place> wanted) {
    return metrics.entrySet().stream()
        .filter(entry -> wanted.test(entry.getValue()))
        .flatMap(entry -> sample(entry.getKey(), entry.getValue()))
        .toList();
  }

  @Override
  public void open(MetricConfig config) {}

  @Override
  public void close() {
    metrics.clear();
  }

  @Override
  public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    Map<String, String> variables = group.getAllVariables();
    String task = variables.getOrDefault("<task_name>", "");
    metrics.put(
        metric,
        new Place(
            variables.getOrDefault("<job_id>", ""),
            variables.getOrDefault("<operator_name>", task),
            Integer.parseInt(variables.getOrDefault("<subtask_index>", "-1")),
            variables.containsKey("<operator_name>"),
            name));
  }

  @Override
  public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
    metrics.remove(metric);
  }

  private static Stream<MetricSample> sample(Metric metric, Place place) {
    if (metric instanceof Counter counter) {
      return Stream.of(place.sample("", (double) counter.getCount()));
    } else if (metric instanceof Meter meter) {
      return Stream.of(place.sample("", meter.getRate()));
    } else if (metric instanceof Histogram histogram) {
      return Stream.of(
          place.sample("_count", (double) histogram.getCount()),
          place.sample("_p50", histogram.getStatistics().getQuantile(0.5)),
          place.sample("_p99", histogram.getStatistics().getQuantile(0.99)));
    } else if (metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number) {
      return Stream.of(place.sample("", number.doubleValue()));
    }
    return Stream.empty();
  }

  /** Whose metric it is. */
  record Place(String jobId, String owner, int subtask, boolean ofOperator, String name) {
    MetricSample sample(String suffix, double value) {
      return new MetricSample(jobId, owner, subtask, name + suffix, value);
    }
  }
}
