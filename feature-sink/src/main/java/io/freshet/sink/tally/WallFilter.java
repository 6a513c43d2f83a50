package io.freshet.sink.tally;

import java.util.Optional;

/**
 * Which images of a wall are looked at.
 *
 * @param facet only those of this reason, method or dataset
 * @param query only those that were retrieved for this seed, or that stand in the cluster of this
 *     medoid
 */
public record WallFilter(Optional<String> facet, Optional<String> query) {
  /** The whole wall. */
  public static final WallFilter ALL = new WallFilter(Optional.empty(), Optional.empty());

  boolean takes(WallImage image) {
    return (facet.isEmpty() || facet.equals(image.facet())) && isOfQuery(image);
  }

  /** Whether a curated image was retrieved for the query, if there is one. */
  boolean isOfQuery(WallImage image) {
    return query.isEmpty()
        || (image instanceof WallImage.Curated chosen && query.get().equals(chosen.queryId()));
  }
}
