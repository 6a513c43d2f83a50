package io.freshet.sink.tally;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.freshet.schemas.CurationWindow;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What became of the newest {@value #MAX_WINDOWS} curation windows. Owned by one thread. */
final class CurationHistory {
  static final int MAX_WINDOWS = 300;
  static final int MAX_CLUSTERS = 40;

  private final Deque<Line> windows = new ArrayDeque<>();

  /**
   * One window.
   *
   * @param clusterSizes of the largest clusters; empty without cluster retrieval
   * @param clusters how many there were
   * @param meanShift null where the window before is of another space, or none
   * @param closedAt milliseconds since 1970
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Line(
      long window,
      String spaceId,
      int images,
      int withdrawn,
      int unreadable,
      int balanced,
      List<Dataset> datasets,
      List<Integer> clusterSizes,
      int clusters,
      Double meanShift,
      Double frechetDistance,
      long closedAt) {}

  /** How many images came how far with a dataset. */
  public record Dataset(String name, int seeds, int near, int sampled, int clustered) {}

  void add(CurationWindow window) {
    // A window that is decided again, after a restart, replaces what it was.
    windows.removeIf(line -> line.window() == window.getWindow());
    windows.addLast(line(window));
    if (windows.size() > MAX_WINDOWS) {
      windows.removeFirst();
    }
  }

  List<Line> windows() {
    return List.copyOf(windows);
  }

  private static Line line(CurationWindow window) {
    Instant closed = window.getClosedAt();
    List<Integer> sizes = window.getClusterSizes();
    return new Line(
        window.getWindow(),
        window.getSpaceId(),
        window.getImages(),
        window.getWithdrawn(),
        window.getUnreadable(),
        window.getBalanced(),
        window.getFunnels().stream()
            .map(
                funnel ->
                    new Dataset(
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
