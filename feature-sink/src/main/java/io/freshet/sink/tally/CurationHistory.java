package io.freshet.sink.tally;

import io.freshet.schemas.CurationWindow;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What became of the newest {@value #MAX_WINDOWS} curation windows. Owned by one thread. */
final class CurationHistory {
  static final int MAX_WINDOWS = 300;
  static final int MAX_CLUSTERS = 40;

  private final Deque<WindowLine> windows = new ArrayDeque<>();

  void add(CurationWindow window) {
    // A window that is decided again, after a restart, replaces what it was.
    windows.removeIf(line -> line.window() == window.getWindow());
    windows.addLast(line(window));
    if (windows.size() > MAX_WINDOWS) {
      windows.removeFirst();
    }
  }

  List<WindowLine> windows() {
    return List.copyOf(windows);
  }

  private static WindowLine line(CurationWindow window) {
    Instant closed = window.getClosedAt();
    List<Integer> sizes = window.getClusterSizes();
    return new WindowLine(
        window.getWindow(),
        window.getSpaceId(),
        window.getImages(),
        window.getWithdrawn(),
        window.getUnreadable(),
        window.getBalanced(),
        window.getFunnels().stream()
            .map(
                funnel ->
                    new WindowLine.Dataset(
                        funnel.getDataset(),
                        funnel.getSeeds(),
                        funnel.getNear(),
                        funnel.getSampled(),
                        funnel.getClustered()))
            .toList(),
        List.copyOf(sizes.subList(0, Math.min(MAX_CLUSTERS, sizes.size()))),
        sizes.size(),
        finite(window.getMeanShift()),
        finite(window.getFrechetDistance()),
        closed.toEpochMilli());
  }

  private static Double finite(Double value) {
    return value == null || !Double.isFinite(value) ? null : value;
  }
}
