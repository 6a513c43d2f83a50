package io.freshet.dedup.settle;

import io.freshet.dedup.component.Evidence;
import java.util.List;

/**
 * What was decided of an image.
 *
 * @param keptImageId the image itself, or the one that is kept instead
 * @param evidence one where the image was a copy, none where it was unique
 */
public record Fate(String keptImageId, List<Evidence> evidence) {
  Fate mergedInto(String keeper) {
    return new Fate(keeper, evidence);
  }
}
