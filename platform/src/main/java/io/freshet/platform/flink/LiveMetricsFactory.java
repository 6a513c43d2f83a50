package io.freshet.platform.flink;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Hands the metrics of an embedded cluster to the {@link LiveMetrics} that was opened for it. Flink
 * makes reporters itself, so the two meet by a name.
 */
public final class LiveMetricsFactory implements MetricReporterFactory {
  static final String REGISTRY = "registry";
  private static final Map<String, LiveMetrics> OPEN = new ConcurrentHashMap<>();

  /** For Flink, which finds the class by its service entry. */
  public LiveMetricsFactory() {}

  static LiveMetrics open(String registry) {
    return OPEN.computeIfAbsent(registry, name -> new LiveMetrics());
  }

  static void close(String registry) {
    OPEN.remove(registry);
  }

  @Override
  public MetricReporter createMetricReporter(Properties properties) {
    return open(properties.getProperty(REGISTRY, ""));
  }
}
