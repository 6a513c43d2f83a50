package io.freshet.curator.job;

import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.PassReason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What monitors see of the windows. Owned by the task thread; gauges are read by others. */
final class WindowMetrics {
  private final Counter windows;
  private final Counter seen;
  private final Counter curated;
  private final Counter withdrawn;
  private final Counter unreadable;
  private final Map<PassReason, Counter> passed = new EnumMap<>(PassReason.class);
  private volatile double meanShift = Double.NaN;
  private volatile double frechetDistance = Double.NaN;

  WindowMetrics(MetricGroup group) {
    windows = group.counter("windows");
    seen = group.counter("images_seen");
    curated = group.counter("images_curated");
    withdrawn = group.counter("images_withdrawn");
    unreadable = group.counter("images_unreadable");
    for (PassReason reason : PassReason.values()) {
      passed.put(reason, group.counter("images_passed_" + reason.name().toLowerCase(Locale.ROOT)));
    }
    group.gauge("window_mean_shift", () -> meanShift);
    group.gauge("window_frechet_distance", () -> frechetDistance);
  }

  void withdrawn(int images) {
    withdrawn.inc(images);
  }

  /** An image of a window was not chosen. */
  void passed(PassReason reason) {
    passed.get(reason).inc();
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
