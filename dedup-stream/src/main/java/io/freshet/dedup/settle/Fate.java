package io.freshet.dedup.settle;

import io.freshet.dedup.component.Evidence;
import java.util.List;

/**
 * What was decided of an image.
 *
 * @param keptImageId the image itself, the one that is kept instead, or the benchmark that it is
 *     too near to
 * @param contaminated whether a benchmark ruled it out
 * @param evidence one where the image was a copy or contaminated, none where it was unique or
 *     returned
 * @param returned whether the same pixels were decided before
 */
public record Fate(
    String keptImageId, boolean contaminated, List<Evidence> evidence, boolean returned) {
  Fate withdrawnFor(String keeperOrBenchmark) {
    return new Fate(keeperOrBenchmark, contaminated, evidence, returned);
  }
}
