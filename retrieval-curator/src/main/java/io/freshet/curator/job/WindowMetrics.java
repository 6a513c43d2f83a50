package io.freshet.curator.job;

import io.freshet.schemas.CurationWindow;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What monitors see of the windows. Owned by the task thread; gauges are read by others. */
final class WindowMetrics {
  private final Counter windows;
  private final Counter seen;
  private final Counter curated;
  private final Counter withdrawn;
  private final Counter unreadable;
  private volatile double meanShift = Double.NaN;
  private volatile double frechetDistance = Double.NaN;

  WindowMetrics(MetricGroup group) {
    windows = group.counter("windows");
    seen = group.counter("images_seen");
    curated = group.counter("images_curated");
    withdrawn = group.counter("images_withdrawn");
    unreadable = group.counter("images_unreadable");
    group.gauge("window_mean_shift", () -> meanShift);
    group.gauge("window_frechet_distance", () -> frechetDistance);
  }

  void withdrawn(int images) {
    withdrawn.inc(images);
  }

  void closed(CurationWindow window, int choices) {
    windows.inc();
    seen.inc(window.getImages());
    curated.inc(choices);
    unreadable.inc(window.getUnreadable());
    meanShift = window.getMeanShift() == null ? Double.NaN : window.getMeanShift();
    frechetDistance =
        window.getFrechetDistance() == null ? Double.NaN : window.getFrechetDistance();
  }
}
