package io.freshet.sink.tally;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What became of a curation window.
 *
 * @param clusterSizes of the largest clusters; empty without cluster retrieval
 * @param clusters how many there were
 * @param meanShift null where the window before is of another space, or none
 * @param closedAt milliseconds since 1970
 */
@JsonNaming(SnakeCaseStrategy.class)
public record WindowLine(
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
    long closedAt) {

  /** How many images came how far with a dataset. */
  public record Dataset(String name, int seeds, int near, int sampled, int clustered) {}
}
